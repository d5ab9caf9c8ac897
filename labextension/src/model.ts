import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import {
  type ApiError,
  asApiError,
  type IApi,
  type ICluster,
  type INewCluster,
  isOver
} from './api';
import { SettledNumber } from './settled';
import type { IClusters, IEntry } from './tokens';

/** How often the server is asked while somebody watches, and at most how seldom while it does not answer. */
const INTERVAL = 1_000;
const MAX_INTERVAL = 10_000;

/** A click on `+` is followed by the next one within this time, or it was the last. */
const SETTLE = 150;

/** How long a cluster that was told to stop may still be listed as if it had not been. */
const LEAVING = 30_000;

/**
 * What is known of the user's clusters.
 *
 * Answers to changes arrive between those to the regular question, and overtake them. A clock that
 * ticks with every question and answer tells which of the two is newer.
 */
export class ClustersModel implements IClusters, IDisposable {
  constructor(api: IApi) {
    this._api = api;
    this._poll = new Poll({
      auto: false,
      factory: () => this._load(),
      linger: 0,
      name: 'af-lab:clusters',
      standby: 'when-hidden'
    });
    // As an option, `max` would not count below 30 s.
    this._poll.frequency = { interval: INTERVAL, backoff: true, max: MAX_INTERVAL };
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get entries(): readonly IEntry[] {
    return this._entries;
  }

  get trouble(): ApiError | null {
    return this._trouble;
  }

  get seen(): number | null {
    return this._seen;
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._poll.dispose();
    this._known.forEach(known => known.wish?.dispose());
    Signal.clearData(this);
  }

  watch(): IDisposable {
    this._watchers += 1;
    void this._poll.start();
    return new DisposableDelegate(() => {
      this._watchers -= 1;
      if (this._watchers === 0) {
        void this._poll.stop();
      }
    });
  }

  async refresh(): Promise<void> {
    if (this._watchers > 0) {
      // Its tick shares the request below, and ends the waiting after a failure.
      await this._poll.refresh();
    }
    await this._load().catch(() => undefined);
  }

  async create(request: INewCluster): Promise<ICluster> {
    const cluster = await this._api.create(request);
    this._know(cluster);
    this._update();
    return cluster;
  }

  scale(name: string, workers: number): void {
    const known = this._known.get(name);
    if (!known) {
      return;
    }
    known.problem = null;
    known.wish ??= new SettledNumber({
      save: wanted => this._save(name, wanted),
      saved: () => {
        this._update();
      },
      settle: SETTLE
    });
    known.wish.set(workers);
    this._update();
  }

  async stop(name: string): Promise<void> {
    const known = this._known.get(name);
    if (known?.leaving !== null) {
      return;
    }
    const over = isOver(known.cluster.state);
    known.problem = null;
    known.leaving = Infinity;
    known.wish?.dispose();
    known.wish = null;
    this._update();
    try {
      await this._api.stop(name);
      known.heard = ++this._clock;
      known.leaving = Date.now() + LEAVING;
      if (over) {
        this._known.delete(name);
      }
    } catch (error) {
      known.leaving = null;
      known.problem = asApiError(error);
    }
    this._update();
  }

  private async _save(name: string, workers: number): Promise<void> {
    const known = this._known.get(name);
    if (!known || known.cluster.workers === workers) {
      return;
    }
    try {
      this._know(await this._api.scale(name, workers));
    } catch (error) {
      known.problem = asApiError(error);
    }
  }

  /** Ask for all clusters; a question that is under way is shared. */
  private _load(): Promise<void> {
    this._loading ??= this._ask().finally(() => {
      this._loading = null;
    });
    return this._loading;
  }

  private async _ask(): Promise<void> {
    const asked = ++this._clock;
    try {
      const clusters = await this._api.list();
      this._trouble = null;
      this._seen = Date.now();
      this._learn(clusters, asked);
    } catch (error) {
      this._trouble = asApiError(error);
      throw error;
    } finally {
      this._update();
    }
  }

  private _learn(clusters: ICluster[], asked: number): void {
    const told = new Map<string, ICluster>();
    for (const cluster of clusters) {
      const other = told.get(cluster.name);
      if (!other || precedes(cluster, other)) {
        told.set(cluster.name, cluster);
      }
    }
    for (const [name, known] of this._known) {
      if (!told.has(name) && known.heard < asked) {
        known.wish?.dispose();
        this._known.delete(name);
      }
    }
    for (const cluster of told.values()) {
      if ((this._known.get(cluster.name)?.heard ?? 0) < asked) {
        this._know(cluster, asked);
      }
    }
  }

  private _know(cluster: ICluster, heard = ++this._clock): void {
    const known = this._known.get(cluster.name);
    if (known?.cluster.id !== cluster.id) {
      known?.wish?.dispose();
      this._known.set(cluster.name, { cluster, heard, leaving: null, problem: null, wish: null });
    } else if (cluster.generation >= known.cluster.generation) {
      known.cluster = cluster;
      known.heard = heard;
    }
  }

  /** Lay the entries out anew, and tell if anything is different. */
  private _update(): void {
    const now = Date.now();
    const entries = [...this._known.values()]
      .map(known => entry(known, now))
      .sort((a, b) => a.cluster.name.localeCompare(b.cluster.name, undefined, { numeric: true }));
    const picture = JSON.stringify([entries, this._trouble, this._seen === null]);
    if (picture !== this._picture) {
      this._picture = picture;
      this._entries = entries;
      this._changed.emit();
    }
  }

  private readonly _api: IApi;
  private readonly _changed = new Signal<this, void>(this);
  private _clock = 0;
  private _entries: readonly IEntry[] = [];
  private readonly _known = new Map<string, IKnown>();
  private _loading: Promise<void> | null = null;
  private _picture = '';
  private readonly _poll: Poll;
  private _seen: number | null = null;
  private _trouble: ApiError | null = null;
  private _watchers = 0;
}

interface IKnown {
  cluster: ICluster;
  /** The clock when the server told so. */
  heard: number;
  /** Until when it counts as stopping, whatever the server says; null: nobody asked it to stop. */
  leaving: number | null;
  problem: ApiError | null;
  wish: SettledNumber | null;
}

function entry(known: IKnown, now: number): IEntry {
  const { cluster, leaving, problem, wish } = known;
  const pending = wish?.pending ?? null;
  const stopping = leaving !== null && leaving > now && !isOver(cluster.state);
  return {
    cluster,
    state: stopping ? 'stopping' : cluster.state,
    wanted: pending ?? cluster.workers ?? cluster.counts.requested,
    saving: pending !== null,
    problem
  };
}

/** A name is free again once its cluster is over, so one that is over may be listed beside its successor. */
function precedes(cluster: ICluster, other: ICluster): boolean {
  return isOver(cluster.state) === isOver(other.state)
    ? cluster.id > other.id
    : isOver(other.state);
}
