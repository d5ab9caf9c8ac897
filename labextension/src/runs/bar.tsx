import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Run } from '../api';
import { progressWords } from './words';

interface IProps {
  readonly run: Run;
  readonly trans: TranslationBundle;
}

/** The calls of a run: done, running, failed. */
export function RunBar({ run, trans }: IProps): React.JSX.Element {
  const { done, erred, running, total } = run.progress;
  const words = progressWords(run, trans);
  return (
    <>
      <div
        className="jp-AfLab-bar"
        role="progressbar"
        aria-label={trans.__('Calls of %1', run.name)}
        aria-valuemin={0}
        aria-valuemax={Math.max(total, 1)}
        aria-valuenow={done}
        aria-valuetext={words}
      >
        {Object.entries({ done, running, erred }).map(([part, count]) => (
          <span
            key={part}
            className="jp-AfLab-part"
            data-part={part}
            style={{ width: `${(100 * count) / Math.max(total, 1)}%` }}
          />
        ))}
      </div>
      <p className="jp-AfLab-work" aria-hidden="true">
        {words}
      </p>
    </>
  );
}
