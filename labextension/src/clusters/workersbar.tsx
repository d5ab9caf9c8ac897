import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IEntry } from '../tokens';
import { tally, tallyWords } from '../shared/words';

interface IProps {
  readonly entry: IEntry;
  readonly trans: TranslationBundle;
}

/** The workers of a cluster, by state. */
export function Bar({ entry, trans }: IProps): React.JSX.Element {
  const { name, counts } = entry.cluster;
  const { connected, starting, waiting, held, lost } = counts;
  const parts = { connected, starting, waiting, held, lost };
  const shown = Object.values(parts).reduce((sum, count) => sum + count, 0);
  const words = tallyWords(entry, trans);
  return (
    <div className="jp-AfLab-workers" title={words}>
      <div
        className="jp-AfLab-bar"
        role="progressbar"
        aria-label={trans.__('Workers of %1', name)}
        aria-valuemin={0}
        aria-valuemax={Math.max(entry.wanted, counts.connected)}
        aria-valuenow={counts.connected}
        aria-valuetext={words}
      >
        {Object.entries(parts).map(([part, count]) => (
          <span
            key={part}
            className="jp-AfLab-part"
            data-part={part}
            style={{ width: `${(100 * count) / Math.max(entry.wanted, shown, 1)}%` }}
          />
        ))}
      </div>
      <span className="jp-AfLab-tally" aria-hidden="true">
        {tally(entry, trans)}
      </span>
    </div>
  );
}
