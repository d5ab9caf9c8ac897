import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

/** What can be taken out of the details of a cluster. */
export interface IShareActions {
  readonly copyPython: (name: string) => void;
  readonly copyCommand: (name: string) => void;
  readonly save: (name: string) => void;
}

interface IProps {
  readonly name: string;
  readonly actions: IShareActions;
  readonly trans: TranslationBundle;
}

/** Buttons that copy the code of a cluster, and save its details. */
export function ShareButtons({ name, actions, trans }: IProps): React.JSX.Element {
  const buttons = [
    ['copyPython', trans.__('Copy as Python'), trans.__('Copy the Python code that creates it')],
    [
      'copyCommand',
      trans.__('Copy as command'),
      trans.__('Copy the command for a terminal that creates it')
    ],
    [
      'save',
      trans.__('Save as HTML'),
      trans.__('Save reasons, time line, workers and logs as one file')
    ]
  ] as const;
  return (
    <div className="jp-AfLab-share" role="group" aria-label={trans.__('Share')}>
      {buttons.map(([action, label, title]) => (
        <button
          key={action}
          type="button"
          className="jp-AfLab-button"
          title={title}
          onClick={() => {
            actions[action](name);
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
