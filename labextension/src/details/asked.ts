import type { IDisposable } from '@lumino/disposable';

import { type ApiError, asApiError } from '../api';

/** Two questions lie apart at least this long, in milliseconds. */
const APART = 2_000;

/** A question that failed is asked again after this time, in milliseconds. */
const RETRY = 15_000;

/** What is known of an answer that is asked for again and again. */
export interface IAnswer<T> {
  /** The newest answer; null: none yet. */
  readonly told: T | null;
  /** Why the last question failed; null when it did not. */
  readonly trouble: ApiError | null;
}

export interface IAskedOptions<T> {
  readonly ask: () => Promise<T>;
  /** Called after each answer and each failure. */
  readonly changed: () => void;
  /** How long an answer holds, in milliseconds. */
  readonly every: number;
}

/**
 * A question that is asked again and again while it is active; the next one waits for the answer.
 *
 * Not a `Poll` of Lumino: one that is refreshed does not wait for the answer it still expects.
 */
export class Asked<T> implements IAnswer<T>, IDisposable {
  constructor(options: IAskedOptions<T>) {
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

  /** Ask from now on, or no longer. An answer that is on its way still counts. */
  setActive(active: boolean): void {
    if (active !== this._active) {
      this._active = active;
      this._due = this._asked + APART;
      this._plan();
    }
  }

  /** What was told may be out of date: ask soon. */
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
  /** When it was asked last. */
  private _asked = -Infinity;
  private _asking = false;
  private _due = -Infinity;
  private _isDisposed = false;
  private readonly _options: IAskedOptions<T>;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _told: T | null = null;
  private _trouble: ApiError | null = null;
}
