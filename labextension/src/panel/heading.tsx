import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import type { IFacility } from '../tokens';
import { glance, glanceWords } from '../pool/words';

export interface IHeadingOptions {
  readonly facility: IFacility;
  readonly showPool: () => void;
  readonly trans: TranslationBundle;
}

/** The name of the panel, and the pool at a glance. */
export class Heading extends ReactWidget {
  constructor(private readonly _options: IHeadingOptions) {
    super();
    this.addClass('jp-AfLab-heading');
  }

  protected override render(): React.JSX.Element {
    const { facility, showPool, trans } = this._options;
    return (
      <>
        <h2>{trans.__('Analysis Facility')}</h2>
        <UseSignal signal={facility.changed}>
          {() =>
            facility.pool && (
              <button
                type="button"
                className="jp-AfLab-button jp-AfLab-glance"
                aria-label={trans.__(
                  '%1: %2. Show the pool',
                  glance(facility.pool, trans),
                  glanceWords(facility.pool, trans)
                )}
                title={glanceWords(facility.pool, trans)}
                onClick={showPool}
              >
                {glance(facility.pool, trans)}
              </button>
            )
          }
        </UseSignal>
      </>
    );
  }
}
