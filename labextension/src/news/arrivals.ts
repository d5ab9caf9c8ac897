import type { TranslationBundle } from '@jupyterlab/translation';

import { isLive } from '../api';
import type { IEntry } from '../tokens';
import { type INews, type IVerdict, message } from './record';

/** What was seen of the arrival of workers. */
export interface IArrivals {
  /** Whether there was a worker already. */
  readonly hadFirst: boolean;

  /** The newest request, by its generation, of which all workers were there. */
  readonly completeFor: number | null;
}

export const NOTHING_ARRIVED: IArrivals = { hadFirst: false, completeFor: null };

/** The arrivals that are old news. */
export function arrivalsAt({ cluster, state }: IEntry): IArrivals {
  const { generation, counts } = cluster;
  return isLive(state)
    ? {
        hadFirst: counts.connected > 0,
        completeFor: counts.connected >= requested(cluster) ? generation : null
      }
    : NOTHING_ARRIVED;
}

/** News of the first worker, and of the last one that was requested; an adaptive cluster has no last one. */
export function arrivals(
  before: IEntry | null,
  { cluster, state }: IEntry,
  memory: IArrivals,
  trans: TranslationBundle
): IVerdict<IArrivals> {
  if (!isLive(state)) {
    return { news: null, isOver: memory.hadFirst, memory: NOTHING_ARRIVED };
  }
  const { connected } = cluster.counts;
  const { generation, id, name } = cluster;
  const all = requested(cluster);
  const isComplete = cluster.adapt === null && all > 0 && connected >= all;
  const isLast =
    isComplete &&
    memory.completeFor !== generation &&
    // A cluster that was scaled down was complete before.
    (before?.cluster.counts.connected ?? 0) < all;
  const isFirst = !memory.hadFirst && connected > 0;
  const told: Pick<INews, 'cause' | 'message'> | null = isLast
    ? {
        cause: `all ${generation}`,
        message: message(
          all === 1
            ? trans.__('%1: the worker has arrived', name)
            : trans.__('%1: all of its %2 workers have arrived', name, all)
        )
      }
    : isFirst
      ? {
          cause: 'first',
          message: message(
            cluster.adapt === null
              ? trans.__('%1: the first of %2 workers has arrived', name, all)
              : trans.__('%1: the first worker has arrived', name)
          )
        }
      : null;
  return {
    news: told && {
      kind: 'workersArrived',
      subject: `workers ${id}`,
      isFollowUp: false,
      name,
      tone: 'success',
      action: 'showPlots',
      ...told
    },
    isOver: false,
    memory: {
      hadFirst: memory.hadFirst || connected > 0,
      completeFor: isComplete ? generation : memory.completeFor
    }
  };
}

function requested({ counts, workers }: IEntry['cluster']): number {
  return workers ?? counts.requested;
}
