import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { progressWords, shareWords } from '../shared/progress';
import type { ActiveNotebook } from './activeclient';
import { clientTitle, clientWords } from './words';

export interface IClientStatusOptions {
  readonly model: Pick<ActiveNotebook, 'changed' | 'client' | 'entry'>;
  /** Show the plots of the client. */
  readonly open: () => void;
  readonly trans: TranslationBundle;
}

/** The item of the status bar for the Dask client of the current notebook. */
export class ClientStatus extends ReactWidget {
  constructor(private readonly _options: IClientStatusOptions) {
    super();
    this.addClass('jp-AfLab-status');
  }

  protected override render(): React.JSX.Element {
    return (
      <UseSignal signal={this._options.model.changed}>
        {() => <Status {...this._options} />}
      </UseSignal>
    );
  }
}

function Status({ model, open, trans }: IClientStatusOptions): React.JSX.Element | null {
  const { client, entry } = model;
  const progress = entry?.cluster.progress ?? null;
  return (
    client && (
      <button
        type="button"
        className="jp-AfLab-statusButton"
        title={[
          ...(progress ? [progressWords(progress, 'tasks', trans)] : []),
          clientTitle(client, entry, trans)
        ].join('\n')}
        onClick={open}
      >
        {clientWords(client, entry, trans)}
        {progress && (
          <span className="jp-AfLab-statusProgress">{` · ${shareWords(progress, trans)}`}</span>
        )}
      </button>
    )
  );
}
