import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IMoment } from '../tokens';
import { historyWords } from '../shared/words';
import { sparkPaths } from './sparkpaths';

const WIDTH = 240;
const HEIGHT = 28;

interface IProps {
  readonly history: readonly IMoment[];
  /** Where it ends, in milliseconds since 1970. */
  readonly now: number;
  readonly trans: TranslationBundle;
}

/** The workers of the last ten minutes, and how busy they were. */
export function Sparkline({ history, now, trans }: IProps): React.JSX.Element {
  const { connected, wanted, cpu } = sparkPaths(history, now, WIDTH, HEIGHT);
  const words = historyWords(history, now, trans);
  return (
    <svg
      className="jp-AfLab-spark"
      role="img"
      aria-label={words}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <title>{words}</title>
      <path className="jp-AfLab-sparkConnected" d={connected} />
      <path className="jp-AfLab-sparkWanted" d={wanted} />
      <path className="jp-AfLab-sparkCpu" d={cpu} />
    </svg>
  );
}
