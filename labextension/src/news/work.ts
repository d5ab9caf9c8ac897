import type { TranslationBundle } from '@jupyterlab/translation';

import type { Cluster, Run } from '../api';
import { duration } from '../shared/duration';
import type { IEntry } from '../tokens';
import { type IVerdict, message, type NewsAction } from './record';

/** The shortest computation whose end is news, in milliseconds. */
export const LONG = 60_000;

/** How long a cluster must have no tasks before its computation counts as ended, in milliseconds. */
const QUIET = 5_000;

/** A computation that is under way. Times are in milliseconds since 1970. */
export interface IWork {
  readonly since: number;

  /** How many tasks have failed. */
  readonly erred: number;

  /** Its end, if no tasks follow; null while there are tasks. */
  readonly pause: IPause | null;
}

interface IPause {
  readonly seen: number;
  readonly ended: number;
  readonly wasInFront: boolean;
}

/** Where a computation is seen. */
export interface IPlaces {
  /** The clusters whose notebooks or consoles are in front of the user. */
  readonly inFront: ReadonlySet<string>;

  /** The clusters that have an open notebook or console. */
  readonly open: ReadonlySet<string>;
}

/** News of a computation that has ended. Remembered is the one that is under way. */
export function work(
  { cluster, state }: IEntry,
  memory: IWork | null,
  now: number,
  places: IPlaces,
  trans: TranslationBundle
): IVerdict<IWork | null> {
  const { id, name } = cluster;
  const nothing = { news: null, isOver: false };
  if (state !== 'running') {
    // What the scheduler had is lost.
    return { ...nothing, memory: null };
  }
  const progress = progressOf(cluster);
  if (progress && progress.done + progress.erred < progress.total) {
    const { erred } = progress;
    return { ...nothing, memory: { since: memory?.since ?? now, erred, pause: null } };
  }
  if (!memory) {
    return { ...nothing, memory: null };
  }
  const erred = progress?.erred ?? memory.erred;
  const pause = memory.pause ?? pauseOf(cluster, memory, now, places);
  if (now - pause.seen < QUIET) {
    return { ...nothing, memory: { ...memory, erred, pause } };
  }
  const length = pause.ended - memory.since;
  if (length < LONG || pause.wasInFront) {
    return { ...nothing, memory: null };
  }
  const action: NewsAction = places.open.has(name) ? 'showNotebook' : 'showPlots';
  const sentence = trans.__('%1: a computation of %2 has ended', name, duration(length, trans));
  const failed = erred > 0 && trans._n('%1 task failed', '%1 tasks failed', erred);
  return {
    news: {
      kind: 'computationEnded',
      subject: `work ${id}`,
      cause: `ended ${cluster.idle_since ?? ''}`,
      isFollowUp: false,
      name,
      message: message(sentence, failed || null),
      tone: failed ? 'warning' : 'success',
      action
    },
    isOver: false,
    memory: null
  };
}

/** How far a cluster's tasks are; null while it has none. */
function progressOf(cluster: Cluster): Run['progress'] | null {
  return (cluster as { readonly progress?: Run['progress'] | null }).progress ?? null;
}

/** The end of the tasks: the cluster knows it also if nobody looked at it then. */
function pauseOf(
  { idle_since, name }: Cluster,
  { since }: IWork,
  now: number,
  { inFront }: IPlaces
): IPause {
  const end = Date.parse(idle_since ?? '');
  const isPlausible = since <= end && end <= now;
  return { seen: now, ended: isPlausible ? end : now, wasInFront: inFront.has(name) };
}
