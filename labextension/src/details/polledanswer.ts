import type { IDisposable } from '@lumino/disposable';

import { type ApiError, asApiError } from '../api';

/** The shortest time between two requests, in milliseconds. */
const APART = 2_000;

/** A failed request is repeated after this time, in milliseconds. */
const RETRY = 15_000;

/** The state of a request that is repeated. */
export interface IAnswer<T> {
  /** The newest answer; null before the first one. */
  readonly told: T | null;
  /** Why the last request failed; null if it succeeded. */
  readonly trouble: ApiError | null;
}

export interface IPolledAnswerOptions<T> {
  readonly ask: () => Promise<T>;
  /** Called after each answer and each failure. */
  readonly changed: () => void;
  /** How long an answer is valid, in milliseconds. */
  readonly every: number;
}

/**
 * A request that is repeated while it is active. Each request waits for the answer of the one before.
 *
 * Lumino's `Poll` does not fit: when it is refreshed, it does not wait for a pending answer.
 */
export class PolledAnswer<T> implements IAnswer<T>, IDisposable {
  constructor(options: IPolledAnswerOptions<T>) {
    this._options = options;
  }

  get told(): T | null {
    return this._told;
  }

  get trouble(): ApiError | null {
    return this._trouble;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
  }

  /** Start or stop the requests. A pending answer still counts. */
  setActive(active: boolean): void {
    if (active !== this._active) {
      this._active = active;
      this._due = this._asked + APART;
      this._plan();
    }
  }

  /** Repeat the request soon: the answer may be out of date. */
  hurry(): void {
    if (!this._trouble) {
      this._due = this._asked + APART;
      this._plan();
    }
  }

  private _plan(): void {
    clearTimeout(this._timer);
    if (!this._active || this._asking || this._isDisposed || this._due === Infinity) {
      return;
    }
    this._timer = setTimeout(
      () => {
        void this._ask();
      },
      Math.max(0, this._due - Date.now())
    );
  }

  private async _ask(): Promise<void> {
    this._asking = true;
    this._asked = Date.now();
    this._due = this._asked + this._options.every;
    try {
      this._told = await this._options.ask();
      this._trouble = null;
    } catch (error) {
      this._trouble = asApiError(error);
      this._due = Date.now() + RETRY;
    }
    this._asking = false;
    if (!this._isDisposed) {
      this._options.changed();
      this._plan();
    }
  }

  private _active = false;
  /** When the last request was sent. */
  private _asked = -Infinity;
  private _asking = false;
  private _due = -Infinity;
  private _isDisposed = false;
  private readonly _options: IPolledAnswerOptions<T>;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _told: T | null = null;
  private _trouble: ApiError | null = null;
}
