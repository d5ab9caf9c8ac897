import type { TranslationBundle } from '@jupyterlab/translation';

import type { Run } from '../api';
import { stateWord } from '../shared/words';
import type { IRunEntry } from '../tokens';

/** A run that is new, has another state, or is gone. */
export interface IRunChange {
  readonly name: string;

  /** Null if it is gone. */
  readonly run: Run | null;

  /** The run as it was; null if it is new. */
  readonly before: Run | null;

  /** Whether the user has requested a change of it here, and may expect this. */
  readonly isAsked: boolean;
}

/** What has changed about the runs, one change at most for each. */
export function runChanges(
  before: readonly IRunEntry[],
  after: readonly IRunEntry[]
): IRunChange[] {
  const changes: IRunChange[] = [];
  const earlier = new Map(before.map(entry => [entry.run.name, entry]));
  for (const { change, run } of after) {
    const old = earlier.get(run.name);
    earlier.delete(run.name);
    if (old?.run.state !== run.state) {
      const isAsked = change !== null || (old?.change ?? null) !== null;
      changes.push({ name: run.name, run, before: old?.run ?? null, isAsked });
    }
  }
  for (const [name, { change, run }] of earlier) {
    changes.push({ name, run: null, before: run, isAsked: change !== null });
  }
  return changes;
}

/** What is new about the runs in `after`, by subject: runs that are new or gone, and other states. */
export function runNews(
  before: readonly IRunEntry[],
  after: readonly IRunEntry[],
  trans: TranslationBundle
): Map<string, string> {
  return new Map(
    runChanges(before, after).map(({ name, run }) => {
      const words = run
        ? trans.__('Run %1: %2', name, stateWord(run.state, trans))
        : trans.__('Run %1 is gone', name);
      return [`run ${name}`, [words, run?.reason].filter(Boolean).join(', ')];
    })
  );
}
