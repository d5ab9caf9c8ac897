import type { IDisposable } from '@lumino/disposable';

import {
  type ApiError,
  asApiError,
  type IApi,
  isOver,
  type TimelinePoint,
  type WorkerJob
} from '../api';
import type { IEntry } from '../tokens';
import { PolledAnswer, type IAnswer } from './polledanswer';
import { continued, counted, extended, type IPoint } from './layers';
import { LogModel } from './logmodel';

/** How long an answer is valid, in milliseconds, if no change is reported. */
const EVERY = 15_000;

/** An action on a worker's job that failed. */
export interface IProblem {
  readonly worker: string;
  readonly error: ApiError;
}

/** What is known of one cluster beyond the list. A later cluster of the same name has its own record. */
export class ClusterRecord implements IDisposable {
  /**
   * @param entry - The cluster.
   * @param changed - Called when anything but the log has changed.
   */
  constructor(api: IApi, entry: IEntry, changed: () => void) {
    const { name } = entry.cluster;
    this._api = api;
    this._changed = changed;
    this._entry = entry;
    this.log = new LogModel(query => api.logs(name, query));
    this._timeline = new PolledAnswer({
      ask: () => api.timeline(name),
      changed: () => {
        this._hearTimeline();
      },
      every: Infinity
    });
    this._workers = new PolledAnswer({
      ask: () => api.workers(name),
      changed: () => {
        this._hearWorkers();
      },
      every: EVERY
    });
  }

  readonly log: LogModel;

  get entry(): IEntry {
    return this._entry;
  }

  get workers(): IAnswer<readonly WorkerJob[]> {
    return this._workers;
  }

  /** The time line; null if it is not known yet. */
  get points(): readonly IPoint[] | null {
    return this._points;
  }

  get timelineTrouble(): ApiError | null {
    return this._timeline.trouble;
  }

  /** Ids of the jobs with an action whose effect is not visible yet. */
  get busy(): ReadonlySet<string> {
    return this._busy;
  }

  get problem(): IProblem | null {
    return this._problem;
  }

  get isDisposed(): boolean {
    return this._workers.isDisposed;
  }

  dispose(): void {
    for (const part of [this.log, this._timeline, this._workers]) {
      part.dispose();
    }
  }

  /** Take the present state of the cluster, and start or stop the requests. */
  update(entry: IEntry, active: boolean): void {
    const news = about(entry) !== about(this._entry);
    this._entry = entry;
    this._active = active;
    if (news) {
      this._workers.hurry();
    }
    this._direct();
  }

  /** Extend the time line to the present. Returns whether anything was new. */
  extend(): boolean {
    const points = this._points;
    if (points && !isOver(this._entry.state)) {
      this._points = extended(points, {
        when: Date.now(),
        counted: counted(this._entry.cluster.counts)
      });
    }
    return this._points !== points;
  }

  async remove(worker: string): Promise<void> {
    await this._act(worker, name => this._api.removeWorker(name, worker));
  }

  async release(worker: string): Promise<void> {
    await this._act(worker, name => this._api.releaseWorker(name, worker));
  }

  private async _act(worker: string, ask: (name: string) => Promise<void>): Promise<void> {
    if (this._busy.has(worker)) {
      return;
    }
    this._busy = new Set([...this._busy, worker]);
    this._problem = null;
    this._changed();
    try {
      await ask(this._entry.cluster.name);
      this._done.add(worker);
      this._workers.hurry();
    } catch (error) {
      this._problem = { worker, error: asApiError(error) };
      this._busy = new Set([...this._busy].filter(id => id !== worker));
    }
    if (!this.isDisposed) {
      this._changed();
    }
  }

  private _direct(): void {
    const over = isOver(this._entry.state);
    this._workers.setActive(this._active && (!over || this._workers.told === null));
    this._timeline.setActive(this._active);
    this.log.setActive(this._active, !over);
  }

  private _hearTimeline(): void {
    const { told, trouble } = this._timeline;
    if (told && !trouble) {
      const points = told.map(asPoint);
      this._points = continued(this._points ?? [], this._toldPoints, points);
      this._toldPoints = points;
      this.extend();
    }
    this._changed();
  }

  private _hearWorkers(): void {
    if (this._done.size > 0) {
      this._busy = new Set([...this._busy].filter(id => !this._done.has(id)));
      this._done.clear();
    }
    this._direct();
    this._changed();
  }

  private _active = false;
  private readonly _api: IApi;
  private _busy: ReadonlySet<string> = new Set();
  private readonly _changed: () => void;
  /** Completed actions, whose effect appears with the next answer. */
  private readonly _done = new Set<string>();
  private _entry: IEntry;
  private _points: readonly IPoint[] | null = null;
  private _problem: IProblem | null = null;
  /** The last answer about the time line. */
  private _toldPoints: readonly IPoint[] | null = null;
  private readonly _timeline: PolledAnswer<readonly TimelinePoint[]>;
  private readonly _workers: PolledAnswer<readonly WorkerJob[]>;
}

function about({ cluster: { sequence, counts, state } }: IEntry): string {
  return JSON.stringify([sequence, state, counts]);
}

function asPoint({ when, counts }: TimelinePoint): IPoint {
  return { when: Date.parse(when), counted: counted(counts) };
}
