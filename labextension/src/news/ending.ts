import type { TranslationBundle } from '@jupyterlab/translation';

import { type Cluster, isLive } from '../api';
import { remaining } from '../shared/duration';
import type { IEntry } from '../tokens';
import { type INews, type IVerdict, message } from './record';

const MINUTE = 60_000;

/** How long before its end a cluster is spoken of, in milliseconds; half of its idle time if that is less. */
const SOON = 5 * MINUTE;

/** How much longer a cluster lives that is kept, in milliseconds. */
const KEPT = 60 * MINUTE;

/** News of a cluster that has no tasks and ends soon, or has ended. Remembered is the end that was told. */
export function endings(
  before: IEntry | null,
  entry: IEntry,
  toldEnd: string | null,
  now: number,
  trans: TranslationBundle
): IVerdict<string | null> {
  const { cluster, state } = entry;
  const { ends_at, id, name, reason } = cluster;
  const news: Pick<INews, 'kind' | 'subject' | 'name'> = {
    kind: 'clusterEnds',
    subject: `end ${id}`,
    name
  };
  if (state === 'ended') {
    const isNew = before !== null && before.state !== 'ended' && before.state !== 'stopping';
    return {
      news: isNew
        ? {
            ...news,
            cause: 'ended',
            isFollowUp: toldEnd !== null,
            message: message(trans.__('The cluster %1 has ended', name), reason),
            tone: 'info',
            action: 'showDetails'
          }
        : null,
      isOver: false,
      memory: toldEnd
    };
  }
  if (!isLive(state) || ends_at === null || !isSoon(cluster, now)) {
    return { news: null, isOver: toldEnd !== null, memory: null };
  }
  const left = remaining(Date.parse(ends_at) - now, trans);
  return {
    news:
      toldEnd === ends_at
        ? null
        : {
            ...news,
            cause: `ends ${ends_at}`,
            isFollowUp: false,
            message: message(
              trans.__('The cluster %1 has no tasks, and ends within %2', name, left)
            ),
            tone: 'warning',
            action: 'keep'
          },
    isOver: false,
    memory: ends_at
  };
}

/** The idle time, in seconds, with which a cluster lives an hour longer; null if it does not end by itself. */
export function keptTimeout({ ends_at, idle_since }: Cluster): number | null {
  return ends_at === null || idle_since === null
    ? null
    : Math.round((Date.parse(ends_at) - Date.parse(idle_since) + KEPT) / 1_000);
}

function isSoon({ ends_at, idle_since }: Cluster, now: number): boolean {
  const end = Date.parse(ends_at ?? '');
  const idle = end - Date.parse(idle_since ?? '');
  return end - now <= Math.min(SOON, Number.isNaN(idle) ? SOON : idle / 2);
}
