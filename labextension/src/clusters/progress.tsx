import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { activityTitle, activityWords } from '../shared/progress';
import { ProgressBar, ProgressLine } from '../shared/progressbar';
import type { IEntry } from '../tokens';

interface IProps {
  readonly entry: IEntry;
  /** Whether there is only space for the bar. */
  readonly isBrief: boolean;
  readonly trans: TranslationBundle;
}

/** How far the tasks of a cluster are. It keeps its place while there are none, so that nothing below it moves. */
export function Tasks({ entry, isBrief, trans }: IProps): React.JSX.Element {
  const { name, progress } = entry.cluster;
  return (
    <div className="jp-AfLab-tasks">
      {progress ? (
        <>
          <ProgressBar
            label={trans.__('Tasks of %1', name)}
            activity={activityWords(entry.cluster, trans)}
            progress={progress}
            unit="tasks"
            trans={trans}
          />
          {!isBrief && <ProgressLine progress={progress} unit="tasks" trans={trans} />}
        </>
      ) : (
        <>
          <div className="jp-AfLab-bar" aria-hidden="true" />
          {!isBrief && <p className="jp-AfLab-oneLine">{trans.__('No tasks')}</p>}
        </>
      )}
      {!isBrief && <Activity entry={entry} trans={trans} />}
    </div>
  );
}

/** What the workers do, and what of them it takes. */
function Activity({ entry, trans }: Omit<IProps, 'isBrief'>): React.JSX.Element {
  const { activity, counts, cpu, memory_use } = entry.cluster;
  const parts = [
    counts.connected === 0 ? trans.__('No workers') : activityWords(entry.cluster, trans),
    cpu !== null && trans.__('CPU %1 %', Math.round(100 * cpu)),
    memory_use !== null && trans.__('memory %1 %', Math.round(100 * memory_use))
  ].filter(part => part !== false && part !== '');
  return (
    <p className="jp-AfLab-oneLine jp-AfLab-activity" title={activityTitle(activity, trans)}>
      {parts.map((part, index) => (
        <span key={index}>{`${index > 0 ? ' · ' : ''}${part}`}</span>
      ))}
    </p>
  );
}
