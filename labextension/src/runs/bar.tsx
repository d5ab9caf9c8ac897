import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Run } from '../api';
import { ProgressBar, ProgressLine } from '../shared/progressbar';

interface IProps {
  readonly run: Run;
  /** Whether the bar alone is shown, without its words. */
  readonly isBrief: boolean;
  readonly trans: TranslationBundle;
}

/** How far the calls of a run are. */
export function RunBar({ run, isBrief, trans }: IProps): React.JSX.Element {
  const label = trans.__('Calls of %1', run.name);
  return (
    <>
      <ProgressBar label={label} progress={run.progress} unit="calls" trans={trans} />
      {!isBrief && <ProgressLine progress={run.progress} unit="calls" trans={trans} />}
    </>
  );
}
