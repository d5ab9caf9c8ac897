import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { ApiError, ILogQuery, LogPart, SchedulerStart } from '../api';
import { PolledAnswer } from './polledanswer';
import { appended } from './loglines';

/** The interval between requests for new text, in milliseconds. */
const EVERY = 2_000;

/** The user's choice. */
export interface ILogChoice {
  /** Id of a worker's job; null: the scheduler. */
  readonly worker: string | null;
  /** Which start of the scheduler, from 1; null: the newest that wrote something. */
  readonly start: number | null;
  /** How many lines are shown at first, counted from the end. */
  readonly count: number;
  /** Whether new text is shown when it is written. */
  readonly follow: boolean;
  /** Only lines with this text are shown. */
  readonly search: string;
}

/** One log of a cluster, as far as it has been read. */
export class LogModel implements IDisposable {
  constructor(ask: (query: ILogQuery) => Promise<LogPart>) {
    this._ask = ask;
  }

  /** Emitted when anything below has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get choice(): ILogChoice {
    return this._choice;
  }

  /** Null if not known yet. The last line may be incomplete. */
  get lines(): readonly string[] | null {
    return this._lines;
  }

  /** Name of the file. */
  get source(): string | null {
    return this._source;
  }

  /** The starts of the scheduler, the oldest first; empty if not known yet. */
  get starts(): readonly SchedulerStart[] {
    return this._starts;
  }

  get trouble(): ApiError | null {
    return this._asked.trouble;
  }

  get isDisposed(): boolean {
    return this._asked.isDisposed;
  }

  dispose(): void {
    this._active = false;
    this._asked.dispose();
    Signal.clearData(this);
  }

  /** Start or stop the requests. A log that no longer grows is requested only once. */
  setActive(active: boolean, grows: boolean): void {
    this._active = active;
    this._grows = grows;
    this._direct();
  }

  /** Change the choice. Another log, or another number of lines, is read from the beginning. */
  choose(choice: Partial<ILogChoice>): void {
    const { worker, start, count } = this._choice;
    this._choice = { ...this._choice, ...choice };
    const now = this._choice;
    if (worker !== now.worker || start !== now.start || count !== now.count) {
      this._asked.dispose();
      this._asked = this._begin();
    }
    this._direct();
    this._changed.emit();
  }

  private _direct(): void {
    const follows = this._choice.follow && this._grows;
    this._asked.setActive(this._active && (follows || this._lines === null));
  }

  private _begin(): PolledAnswer<LogPart> {
    this._cursor = undefined;
    this._lines = null;
    this._source = null;
    return new PolledAnswer({
      ask: () => {
        const { worker, start, count } = this._choice;
        return this._ask({
          worker: worker ?? undefined,
          start: start ?? undefined,
          lines: count,
          after: this._cursor
        });
      },
      changed: () => {
        this._hear();
      },
      every: EVERY
    });
  }

  private _hear(): void {
    const { told, trouble } = this._asked;
    const before = this._lines;
    const startsBefore = this._starts.length;
    if (told && !trouble) {
      // The log of a worker's job does not tell them.
      if (told.starts.length > 0) {
        this._starts = told.starts;
      }
      // A scheduler that was restarted writes a new log.
      const known = told.source === this._source ? before : null;
      this._lines = appended(known ?? [], told.text);
      this._cursor = told.cursor;
      this._source = told.source;
    }
    this._direct();
    const isNew = this._lines !== before || this._starts.length !== startsBefore;
    if (isNew || trouble !== this._heard) {
      this._heard = trouble;
      this._changed.emit();
    }
  }

  private _active = false;
  private readonly _ask: (query: ILogQuery) => Promise<LogPart>;
  private readonly _changed = new Signal<this, void>(this);
  private _choice: ILogChoice = {
    worker: null,
    start: null,
    count: 500,
    follow: true,
    search: ''
  };
  private _cursor: string | undefined;
  private _grows = true;
  private _heard: ApiError | null = null;
  private _lines: readonly string[] | null = null;
  private _source: string | null = null;
  private _starts: readonly SchedulerStart[] = [];
  /** Begins once the fields above are set. */
  private _asked: PolledAnswer<LogPart> = this._begin();
}
