import type { IDisposable } from '@lumino/disposable';

export interface ISettledOptions<T> {
  /** Saves one value; deals with its own failures. */
  readonly save: (value: T) => Promise<void>;

  /** Called when `pending` has changed by itself. */
  readonly saved: () => void;

  /** How long a value must stay unchanged before it is saved, in milliseconds. */
  readonly settle: number;
}

/**
 * A value that may change faster than it can be saved. It is saved once it stays unchanged,
 * one request at a time; of several values only the last is saved.
 */
export class Settled<T> implements IDisposable {
  constructor(options: ISettledOptions<T>) {
    this._options = options;
  }

  /** The value that is not saved yet. */
  get pending(): T | null {
    return this._pending;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  set(value: T): void {
    this._pending = value;
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      this._timer = undefined;
      void this._save();
    }, this._options.settle);
  }

  dispose(): void {
    this._isDisposed = true;
    this._pending = null;
    clearTimeout(this._timer);
  }

  private async _save(): Promise<void> {
    if (this._saving) {
      return;
    }
    this._saving = true;
    // A value set in the meantime is saved next, unless its own timer is still running.
    while (this._pending !== null && this._timer === undefined) {
      const value = this._pending;
      await this._options.save(value);
      if (this._pending === value) {
        this._pending = null;
      }
    }
    this._saving = false;
    if (!this._isDisposed) {
      this._options.saved();
    }
  }

  private readonly _options: ISettledOptions<T>;
  private _isDisposed = false;
  private _pending: T | null = null;
  private _saving = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
