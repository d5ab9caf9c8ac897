import type { TranslationBundle } from '@jupyterlab/translation';

import type { Run } from '../api';
import { type IRunChange, runChanges } from '../runs/news';
import { duration } from '../shared/duration';
import type { IRunEntry } from '../tokens';
import { type INews, message } from './record';
import { LONG } from './work';

/** What is new about runs, and the subjects whose news have become pointless. */
export function runToasts(
  before: readonly IRunEntry[],
  after: readonly IRunEntry[],
  trans: TranslationBundle
): { readonly news: readonly INews[]; readonly over: readonly string[] } {
  const changes = runChanges(before, after);
  return {
    news: changes.flatMap(change => newsOf(change, trans) ?? []),
    over: changes.map(({ name }) => subjectOf(name))
  };
}

function newsOf({ before, isAsked, run }: IRunChange, trans: TranslationBundle): INews | null {
  // A run that was not seen before it ended is old news.
  if (!run || !before || isAsked) {
    return null;
  }
  const { name, reason, state } = run;
  const news = { subject: subjectOf(name), cause: `${state} ${run.changed}`, isFollowUp: false };
  if (state === 'held') {
    return {
      ...news,
      kind: 'jobsHeld',
      name,
      message: message(trans.__('The jobs of the run %1 are on hold', name), reason),
      tone: 'warning',
      action: 'showRuns'
    };
  }
  const length = lengthOf(run);
  if (length < LONG || !(state === 'ended' || state === 'failed')) {
    return null;
  }
  const [kind, time] = ['computationEnded', duration(length, trans)] as const;
  return state === 'ended'
    ? {
        ...news,
        kind,
        name,
        message: message(trans.__('The run %1 has ended, after %2', name, time)),
        tone: 'success',
        action: 'showRuns'
      }
    : {
        ...news,
        kind,
        name,
        message: message(trans.__('The run %1 has failed, after %2', name, time), reason),
        tone: 'error',
        action: 'showRunLog'
      };
}

function lengthOf({ changed, created }: Run): number {
  return Date.parse(changed) - Date.parse(created);
}

function subjectOf(name: string): string {
  return `run ${name}`;
}
