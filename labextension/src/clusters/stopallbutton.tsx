import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IClusters } from '../tokens';
import { canStop } from './canstop';

interface IOptions {
  readonly clusters: IClusters;
  readonly actions: { readonly stopAll: () => void };
  readonly trans: TranslationBundle;
}

/** The button that stops all clusters; it is there if there are several. */
export class StopAllButton extends ReactWidget {
  constructor(private readonly _options: IOptions) {
    super();
  }

  protected override render(): React.JSX.Element {
    const { actions, clusters, trans } = this._options;
    return (
      <UseSignal signal={clusters.changed}>
        {() =>
          clusters.entries.filter(canStop).length > 1 && (
            <button
              type="button"
              className="jp-AfLab-button jp-AfLab-stopAllButton"
              aria-label={trans.__('Stop all clusters…')}
              title={trans.__('Stop all clusters…')}
              onClick={actions.stopAll}
            >
              {trans.__('Stop all')}
            </button>
          )
        }
      </UseSignal>
    );
  }
}
