import type { TranslationBundle } from '@jupyterlab/translation';

import { canStartAgain, isLive } from '../api';
import type { IEntry } from '../tokens';
import { type IVerdict, message } from './record';

/** How long to wait for the reason why jobs are on hold, in milliseconds; the server looks for it every 15 s. */
const PATIENCE = 20_000;

/** The jobs on hold that were seen: since when, in milliseconds since 1970, and whether they are old news. */
export interface IHold {
  readonly since: number;
  readonly isTold: boolean;
}

/** The hold that is old news; null if there is none. */
export function holdAt(entry: IEntry, now: number): IHold | null {
  return hasHeldJobs(entry) ? { since: now, isTold: true } : null;
}

/** News of jobs on hold, with the reason. */
export function holds(
  entry: IEntry,
  memory: IHold | null,
  now: number,
  trans: TranslationBundle
): IVerdict<IHold | null> {
  if (!hasHeldJobs(entry)) {
    return { news: null, isOver: memory?.isTold ?? false, memory: null };
  }
  const { counts, id, name } = entry.cluster;
  const hold = memory ?? { since: now, isTold: false };
  const why = entry.why?.why_held ?? '';
  if (hold.isTold || (why === '' && now - hold.since < PATIENCE)) {
    return { news: null, isOver: false, memory: hold };
  }
  const sentence = trans._n('%2: %1 job is on hold', '%2: %1 jobs are on hold', counts.held, name);
  return {
    news: {
      kind: 'jobsHeld',
      subject: `holds ${id}`,
      cause: 'held',
      isFollowUp: false,
      name,
      message: message(sentence, why),
      tone: 'warning',
      action: 'showDetails'
    },
    isOver: false,
    memory: { ...hold, isTold: true }
  };
}

/** News of a cluster that has failed or is on hold. Remembered is whether that is old news. */
export function failures(
  before: IEntry | null,
  { cluster, state }: IEntry,
  isTold: boolean,
  trans: TranslationBundle
): IVerdict<boolean> {
  if (!canStartAgain(state)) {
    return { news: null, isOver: isTold, memory: false };
  }
  const { id, name, reason } = cluster;
  const isAsked = before?.state === 'stopping';
  const sentence =
    state === 'failed'
      ? trans.__('The cluster %1 has failed', name)
      : trans.__('The cluster %1 is on hold', name);
  return {
    news:
      isTold || isAsked
        ? null
        : {
            kind: 'clusterFailed',
            subject: `cluster ${id}`,
            cause: state,
            isFollowUp: false,
            name,
            message: message(sentence, reason),
            tone: 'error',
            action: 'startAgain'
          },
    isOver: false,
    memory: true
  };
}

function hasHeldJobs({ cluster, state }: IEntry): boolean {
  return isLive(state) && cluster.counts.held > 0;
}
