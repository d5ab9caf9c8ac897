import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Count } from './numberinput';

interface IProps {
  /** The name of the cluster, for screen readers. */
  readonly name: string;
  readonly value: number;
  /** Whether the number is still being sent to the server. */
  readonly saving: boolean;
  readonly onChange: (value: number) => void;
  readonly trans: TranslationBundle;
}

/** The number of workers, with buttons, arrow keys and typed input. */
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
        aria-label={trans.__('One fewer worker for %1', name)}
        aria-disabled={value === 0}
        title={trans.__('One fewer worker')}
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
        label={trans.__('Workers requested for %1', name)}
        title={trans.__('Workers requested')}
        value={value}
        saving={saving}
        onChange={onChange}
      />
      <button
        type="button"
        className="jp-AfLab-more"
        aria-label={trans.__('One more worker for %1', name)}
        title={trans.__('One more worker')}
        onClick={() => {
          onChange(value + 1);
        }}
      >
        +
      </button>
    </div>
  );
}
