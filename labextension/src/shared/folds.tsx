import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

/** From this number of cards on, they are compact and can be filtered. */
export const MANY = 8;

/** Whether a compact card was opened, and what opens or closes it. */
export interface IFold {
  readonly isOpen: boolean;
  readonly toggle: () => void;
}

/** The cards that the user opened, by name. */
export function useFolds(): (name: string) => IFold {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  return name => ({
    isOpen: open.has(name),
    toggle: () => {
      setOpen(
        before =>
          new Set(
            before.has(name) ? [...before].filter(other => other !== name) : [...before, name]
          )
      );
    }
  });
}

/** The button that opens or closes a compact card. */
export function Fold({
  name,
  isOpen,
  toggle,
  trans
}: IFold & { readonly name: string; readonly trans: TranslationBundle }): React.JSX.Element {
  const Caret = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <button
      type="button"
      className="jp-AfLab-iconButton jp-AfLab-fold"
      aria-expanded={isOpen}
      aria-label={trans.__('Controls of %1', name)}
      title={isOpen ? trans.__('Show less') : trans.__('Show more')}
      onClick={toggle}
    >
      <Caret.react tag="span" width="16px" height="16px" />
    </button>
  );
}
