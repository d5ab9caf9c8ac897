import type { TranslationBundle } from '@jupyterlab/translation';

import { canStartAgain } from '../api';
import type { IEntry, IRunEntry } from '../tokens';
import { arrivals, arrivalsAt, type IArrivals, NOTHING_ARRIVED } from './arrivals';
import { endings } from './ending';
import type { INews } from './record';
import { runToasts } from './runnews';
import { failures, holdAt, holds, type IHold } from './trouble';
import { type IPlaces, type IWork, work } from './work';

/** What is known at some moment. */
export interface IScene extends IPlaces {
  readonly entries: readonly IEntry[];
  readonly runs: readonly IRunEntry[];

  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What was seen of a cluster; what was seen is old news. */
interface ISeenCluster {
  readonly workers: IArrivals;
  readonly holds: IHold | null;
  readonly cluster: boolean;
  readonly end: string | null;
  readonly work: IWork | null;
}

/** What was seen of the clusters, by their ids. */
export type Seen = ReadonlyMap<number, ISeenCluster>;

/** What follows from a scene. */
export interface IOutcome {
  readonly news: readonly INews[];

  /** The subjects whose earlier news have become pointless. */
  readonly over: readonly string[];

  readonly seen: Seen;
}

/**
 * Decide what is new.
 *
 * @param previous - The scene before; null at first, when all that has happened is old news.
 * @param next - The scene now.
 * @param seen - What the outcome of the scene before has seen; empty at first.
 */
export function decide(
  previous: IScene | null,
  next: IScene,
  seen: Seen,
  trans: TranslationBundle
): IOutcome {
  const before = new Map(previous?.entries.map(entry => [entry.cluster.id, entry]));
  const news: INews[] = [];
  const over: string[] = [];
  const nowSeen = new Map<number, ISeenCluster>();
  for (const entry of next.entries) {
    const { id } = entry.cluster;
    const known = seen.get(id) ?? (previous ? NEW : oldNews(entry, next.now));
    const old = before.get(id) ?? null;
    const verdicts = {
      workers: arrivals(old, entry, known.workers, trans),
      holds: holds(entry, known.holds, next.now, trans),
      cluster: failures(old, entry, known.cluster, trans),
      end: endings(old, entry, known.end, next.now, trans),
      work: work(entry, known.work, next.now, next, trans)
    };
    nowSeen.set(id, {
      workers: verdicts.workers.memory,
      holds: verdicts.holds.memory,
      cluster: verdicts.cluster.memory,
      end: verdicts.end.memory,
      work: verdicts.work.memory
    });
    for (const [topic, verdict] of Object.entries(verdicts)) {
      news.push(...(verdict.news ? [verdict.news] : []));
      over.push(...(verdict.isOver ? [`${topic} ${id}`] : []));
    }
  }
  for (const id of [...seen.keys()].filter(id => !nowSeen.has(id))) {
    over.push(...Object.keys(NEW).map(topic => `${topic} ${id}`));
  }
  const ofRuns = previous && runToasts(previous.runs, next.runs, trans);
  return {
    news: [...news, ...(ofRuns?.news ?? [])],
    over: [...over, ...(ofRuns?.over ?? [])],
    seen: nowSeen
  };
}

/** What was seen of a cluster that is new. */
const NEW: ISeenCluster = {
  workers: NOTHING_ARRIVED,
  holds: null,
  cluster: false,
  end: null,
  work: null
};

/** What has happened to a cluster before the page was loaded. An end that is near is still news. */
function oldNews(entry: IEntry, now: number): ISeenCluster {
  return {
    ...NEW,
    workers: arrivalsAt(entry),
    holds: holdAt(entry, now),
    cluster: canStartAgain(entry.state)
  };
}
