import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Progress } from '../api';
import { doneWords, failedWords, paceWords, progressWords, type Unit } from './progress';

interface IProps {
  readonly progress: Progress;
  readonly unit: Unit;
  readonly trans: TranslationBundle;
}

interface IBarProps extends IProps {
  /** What it is the progress of. */
  readonly label: string;
  /** What is being done, in words; may be empty. */
  readonly activity?: string;
}

/** What is done of a computation, what failed, and what runs. */
export function ProgressBar(props: IBarProps): React.JSX.Element {
  const { label, activity = '', progress, unit, trans } = props;
  const { done, erred, running, total } = progress;
  const words = [activity, progressWords(progress, unit, trans)].filter(Boolean).join(': ');
  return (
    <div
      className="jp-AfLab-bar"
      role="progressbar"
      title={words}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(total, 1)}
      aria-valuenow={done}
      aria-valuetext={words}
    >
      {Object.entries({ done, erred, running }).map(([part, count]) => (
        <span
          key={part}
          className="jp-AfLab-part"
          data-part={part}
          style={{ width: `${(100 * count) / Math.max(total, 1)}%` }}
        />
      ))}
    </div>
  );
}

/** The same in one line. Parts that do not fit are left out, the last first; they are in the words of the bar. */
export function ProgressLine({ progress, unit, trans }: IProps): React.JSX.Element {
  const failed = failedWords(progress, trans);
  return (
    <p className="jp-AfLab-oneLine" title={progressWords(progress, unit, trans)} aria-hidden="true">
      <span>{doneWords(progress, unit, trans)}</span>
      {failed && (
        <span>
          {' · '}
          <strong className="jp-AfLab-failures">{failed}</strong>
        </span>
      )}
      {paceWords(progress, trans).map(part => (
        <span key={part}>{` · ${part}`}</span>
      ))}
    </p>
  );
}
