import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Count } from './numberinput';

interface IProps {
  /** The name of the cluster, for those who do not see it beside the number. */
  readonly name: string;
  readonly value: number;
  /** Whether the number is still on its way to the server. */
  readonly saving: boolean;
  readonly onChange: (value: number) => void;
  readonly trans: TranslationBundle;
}

/** A number of workers, by buttons, by arrow keys, or typed. */
export function Stepper({ name, value, saving, onChange, trans }: IProps): React.JSX.Element {
  return (
    <div
      className="jp-AfLab-stepper"
      role="group"
      aria-label={trans.__('Number of workers of %1', name)}
    >
      <button
        type="button"
        className="jp-AfLab-fewer"
        aria-label={trans.__('One worker fewer for %1', name)}
        aria-disabled={value === 0}
        title={trans.__('One worker fewer')}
        onClick={() => {
          if (value > 0) {
            onChange(value - 1);
          }
        }}
      >
        −
      </button>
      <Count
        className="jp-AfLab-wanted"
        label={trans.__('Workers wanted for %1', name)}
        title={trans.__('Workers wanted')}
        value={value}
        saving={saving}
        onChange={onChange}
      />
      <button
        type="button"
        className="jp-AfLab-more"
        aria-label={trans.__('One worker more for %1', name)}
        title={trans.__('One worker more')}
        onClick={() => {
          onChange(value + 1);
        }}
      >
        +
      </button>
    </div>
  );
}
