import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

interface IProps {
  /** The name of the cluster, for those who do not see it beside the number. */
  readonly name: string;
  readonly value: number;
  /** Whether the number is still on its way to the server. */
  readonly saving: boolean;
  readonly onChange: (value: number) => void;
  readonly trans: TranslationBundle;
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: -1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10
};

/** A number of workers, by buttons, by arrow keys, or typed; a typed one counts on Enter or on leaving. */
export function Stepper({ name, value, saving, onChange, trans }: IProps): React.JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);

  const change = (wanted: number): void => {
    setDraft(null);
    if (wanted >= 0 && wanted !== value) {
      onChange(wanted);
    }
  };
  const typed = draft === null || draft === '' ? value : Number(draft);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step !== undefined) {
      event.preventDefault();
      change(Math.max(0, typed + step));
    } else if (event.key === 'Enter') {
      change(typed);
    } else if (event.key === 'Escape') {
      setDraft(null);
    }
  };

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
          change(value - 1);
        }}
      >
        −
      </button>
      <input
        className="jp-AfLab-wanted"
        role="spinbutton"
        inputMode="numeric"
        autoComplete="off"
        aria-label={trans.__('Workers wanted for %1', name)}
        aria-valuemin={0}
        aria-valuenow={value}
        aria-busy={saving}
        title={trans.__('Workers wanted')}
        maxLength={6}
        value={draft ?? value}
        onBlur={() => {
          change(typed);
        }}
        onChange={event => {
          setDraft(event.target.value.replace(/\D/g, ''));
        }}
        onFocus={event => {
          event.target.select();
        }}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        className="jp-AfLab-more"
        aria-label={trans.__('One worker more for %1', name)}
        title={trans.__('One worker more')}
        onClick={() => {
          change(value + 1);
        }}
      >
        +
      </button>
    </div>
  );
}
