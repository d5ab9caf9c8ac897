import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import {
  ApiError,
  asApiError,
  type Change,
  type Cluster,
  type EventMessage,
  type Explanation,
  type IApi,
  isOver,
  type NewCluster
} from '../api';
import type { IClusters, IEntry } from '../tokens';
import type { Feed } from './feed';
import { History } from './history';
import { Records } from './records';
import { Settled } from './settled';

/** A change is sent if no further click on `+` follows within this time, in milliseconds. */
const SETTLE = 150;

/** How long a stopped cluster may still be listed in its old state, in milliseconds. */
const LEAVING = 30_000;

/** How long a cluster created here may be missing from the server's list, in milliseconds. */
const ARRIVING = 10_000;

/** The user's clusters, from the server's events and from the changes requested here. */
export class ClustersModel implements IClusters, IDisposable {
  constructor(api: IApi, feed: Feed) {
    this._api = api;
    this._feed = feed;
    feed.message.connect(this._onMessage, this);
    feed.changed.connect(this._update, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get entries(): readonly IEntry[] {
    return this._entries;
  }

  get trouble(): ApiError | null {
    return this._feed.trouble;
  }

  get seen(): number | null {
    return this._feed.seen;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._local.forEach(local => local.wish?.dispose());
    Signal.clearData(this);
  }

  watch(): IDisposable {
    return this._feed.watch();
  }

  async refresh(): Promise<void> {
    this._feed.retry();
    try {
      const clusters = await this._api.list();
      if (!this._isDisposed) {
        this._records.learnAll(clusters);
        this._feed.note(null);
        this._update();
      }
    } catch (error) {
      this._feed.note(asApiError(error));
    }
  }

  async create(request: NewCluster): Promise<Cluster> {
    const cluster = await this._api.create(request);
    this._records.learn(cluster);
    this._of(cluster).arriving = Date.now() + ARRIVING;
    this._update();
    return cluster;
  }

  change(name: string, change: Change): void {
    const cluster = this._current(name);
    if (!cluster) {
      return;
    }
    const local = this._of(cluster);
    local.problem = null;
    local.wish ??= new Settled<Change>({
      save: wanted => this._save(cluster.id, wanted),
      saved: () => {
        this._update();
      },
      settle: SETTLE
    });
    local.wish.set(change);
    this._update();
  }

  async release(name: string): Promise<void> {
    const cluster = this._current(name);
    if (!cluster) {
      return;
    }
    const local = this._of(cluster);
    local.problem = null;
    try {
      this._records.learn(await this._api.release(name));
    } catch (error) {
      local.problem = asApiError(error);
    }
    this._update();
  }

  async stop(name: string): Promise<void> {
    const cluster = this._current(name);
    if (!cluster) {
      return;
    }
    const local = this._of(cluster);
    if (local.leaving !== null) {
      return;
    }
    local.problem = null;
    local.leaving = Infinity;
    local.wish?.dispose();
    local.wish = null;
    this._update();
    try {
      await this._api.stop(name);
      local.leaving = Date.now() + LEAVING;
      if (isOver(cluster.state)) {
        this._records.forget(cluster.id);
      }
    } catch (error) {
      local.leaving = null;
      local.problem = asApiError(error);
    }
    this._update();
  }

  async recall(name: string): Promise<void> {
    const cluster = this._current(name);
    if (!cluster) {
      return;
    }
    const local = this._of(cluster);
    if (local.isRecalled) {
      return;
    }
    local.isRecalled = true;
    try {
      local.history.recall(await this._api.timeline(name));
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      // The line then begins now. It is asked for again when the card is drawn the next time.
      local.isRecalled = false;
      return;
    }
    this._update();
  }

  private async _save(id: number, change: Change): Promise<void> {
    const cluster = this._records.get(id);
    if (!cluster || isAlready(cluster, change)) {
      return;
    }
    try {
      this._records.learn(await this._api.change(cluster.name, change));
    } catch (error) {
      this._of(cluster).problem = asApiError(error);
    }
  }

  private _onMessage(_: Feed, message: EventMessage): void {
    if (message.type === 'explanation') {
      this._why.set(Number(message.id), message.data);
    } else if (message.type === 'snapshot') {
      this._why.clear();
      for (const [id, why] of Object.entries(message.data.explanations)) {
        this._why.set(Number(id), why);
      }
      this._records.take(message);
    } else if (!this._records.take(message)) {
      return;
    }
    this._update();
  }

  private _of({ id }: Cluster): ILocal {
    let local = this._local.get(id);
    if (!local) {
      local = {
        arriving: 0,
        history: new History(),
        isRecalled: false,
        leaving: null,
        problem: null,
        wish: null
      };
      this._local.set(id, local);
    }
    return local;
  }

  /** The cluster that has this name now, or had it last. */
  private _current(name: string): Cluster | undefined {
    return this._entries.find(({ cluster }) => cluster.name === name)?.cluster;
  }

  /** Build the entries again. */
  private _update(): void {
    if (this._isDisposed) {
      return;
    }
    const now = Date.now();
    const byName = new Map<string, Cluster>();
    for (const cluster of this._records.values()) {
      const other = byName.get(cluster.name);
      if (!other || precedes(cluster, other)) {
        byName.set(cluster.name, cluster);
      }
    }
    this._entries = [...byName.values()]
      .map(cluster => this._entry(cluster, now))
      .sort((a, b) => a.cluster.name.localeCompare(b.cluster.name, undefined, { numeric: true }));
    this._changed.emit();
  }

  private _entry(cluster: Cluster, now: number): IEntry {
    const { history, leaving, problem, wish } = this._of(cluster);
    const pending = wish?.pending ?? null;
    const stopping = leaving !== null && leaving > now && !isOver(cluster.state);
    return {
      cluster,
      state: stopping ? 'stopping' : cluster.state,
      ...wanted(cluster, pending),
      saving: pending !== null,
      problem,
      why: this._why.get(cluster.id) ?? null,
      history: history.moments
    };
  }

  private readonly _api: IApi;
  private readonly _changed = new Signal<this, void>(this);
  private _entries: readonly IEntry[] = [];
  private readonly _feed: Feed;
  private _isDisposed = false;
  private readonly _local = new Map<number, ILocal>();
  private readonly _records = new Records<number, Cluster>({
    all: ({ clusters }) => clusters,
    told: message => (message.type === 'cluster' ? message.data : null),
    gone: message => (message.type === 'gone' ? Number(message.id) : null),
    key: ({ id }) => id,
    isOlder,
    stays: id => (this._local.get(id)?.arriving ?? 0) >= Date.now(),
    learned: cluster => {
      this._of(cluster).history.add(cluster);
    },
    forgotten: id => {
      this._local.get(id)?.wish?.dispose();
      this._local.delete(id);
      this._why.delete(id);
    }
  });
  /** Why workers wait, by the ids of their clusters. */
  private readonly _why = new Map<number, Explanation | null>();
}

/** What only this page knows of a cluster. */
interface ILocal {
  /** Until when the cluster is kept although the server does not list it. */
  arriving: number;
  readonly history: History;
  /** Whether the history goes back to the time before this page was open. */
  isRecalled: boolean;
  /** Until when it counts as stopping, whatever the server says; null if no stop was requested. */
  leaving: number | null;
  problem: ApiError | null;
  wish: Settled<Change> | null;
}

function wanted(
  { workers, adapt, counts }: Cluster,
  pending: Change | null
): Pick<IEntry, 'wanted' | 'adapt'> {
  if (pending && 'adapt' in pending) {
    return { wanted: counts.requested, adapt: pending.adapt };
  }
  return pending
    ? { wanted: pending.workers, adapt: null }
    : { wanted: workers ?? counts.requested, adapt };
}

function isAlready(cluster: Cluster, change: Change): boolean {
  if ('workers' in change) {
    return cluster.workers === change.workers;
  }
  const { adapt } = cluster;
  return adapt?.minimum === change.adapt.minimum && adapt.maximum === change.adapt.maximum;
}

/** Answers and events may arrive out of order. A silent or restarted scheduler begins a new sequence. */
function isOlder(cluster: Cluster, known: Cluster): boolean {
  return (
    cluster.generation < known.generation ||
    (cluster.generation === known.generation &&
      cluster.state === known.state &&
      cluster.sequence > 0 &&
      cluster.sequence < known.sequence)
  );
}

/** The name of an ended cluster is free, so the server may list it together with its successor. */
function precedes(cluster: Cluster, other: Cluster): boolean {
  return isOver(cluster.state) === isOver(other.state)
    ? cluster.id > other.id
    : isOver(other.state);
}
