import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import {
  ApiError,
  asApiError,
  CondorUnavailable,
  type EventMessage,
  ExtensionMissing,
  type Health,
  type IApi,
  ServerAway
} from '../api';

/** A hidden document listens for this long, in milliseconds. */
const HIDDEN = 60_000;

/** Somebody else mostly watches soon after the last one ended, as when a layout is restored. */
const LINGER = 2_000;

/** The server tells of the pool every 30 s; a connection that is silent for longer than this is dead. */
const SILENCE = 75_000;

/** How long to wait before the next attempt, at first and at most. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** A server that has not answered after this time is away for now. */
const PATIENCE = 10_000;

/** So many connections in a row that bring nothing from a server that answers are no accident. */
const DEAF = 3;

/** An extension that is missing does not come by itself, and each question for it stands in the server's log. */
const MISSING_PAUSE = 60_000;

/**
 * The events of the server, over one connection that exists while somebody watches and can see.
 *
 * It is made anew by itself. What went wrong with it, a WebSocket does not tell, so the server is asked.
 */
export class Feed implements IDisposable {
  constructor(api: IApi) {
    this._api = api;
    document.addEventListener('visibilitychange', this._onVisibility);
  }

  /** Emitted with each message. */
  get message(): ISignal<this, EventMessage> {
    return this._message;
  }

  /** Emitted when `trouble` has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Why nothing can be heard, or HTCondor tells nothing; null when all is well. */
  get trouble(): ApiError | null {
    return this._broken ?? this._condor;
  }

  /** When the server was heard last, in milliseconds since 1970; null: never yet. */
  get seen(): number | null {
    return this._seen;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._disconnect();
    clearTimeout(this._hiding);
    clearTimeout(this._lingering);
    document.removeEventListener('visibilitychange', this._onVisibility);
    Signal.clearData(this);
  }

  /** Whether somebody watches. */
  get isWatched(): boolean {
    return this._watchers > 0;
  }

  /** Listen until the result is disposed of; several may watch. */
  watch(): IDisposable {
    this._watchers += 1;
    this._connect();
    return new DisposableDelegate(() => {
      this._watchers -= 1;
      if (!this.isWatched) {
        clearTimeout(this._lingering);
        this._lingering = setTimeout(() => {
          if (!this.isWatched) {
            this._disconnect();
          }
        }, LINGER);
      }
    });
  }

  /** Make the connection anew, without a pause, if it is not as it should be. */
  retry(): void {
    if (this._broken) {
      this._disconnect();
      this._connect();
    }
  }

  /** Note that the server answered a question, or did not. */
  note(trouble: ApiError | null): void {
    if (trouble) {
      this._fail(trouble);
    } else {
      this._hear();
    }
  }

  private _connect(): void {
    if (this._socket || this._isDisposed || !this.isWatched || document.hidden) {
      return;
    }
    clearTimeout(this._retrying);
    this._isComplete = false;
    this._socket = this._api.listen({
      onMessage: message => {
        this._onMessage(message);
      },
      onClosed: () => {
        this._socket = null;
        void this._onClosed();
      }
    });
    this._expect();
  }

  private _disconnect(): void {
    this._attempt += 1;
    clearTimeout(this._retrying);
    clearTimeout(this._silence);
    this._socket?.dispose();
    this._socket = null;
  }

  private _expect(): void {
    clearTimeout(this._silence);
    this._silence = setTimeout(() => {
      this._disconnect();
      void this._onClosed();
    }, SILENCE);
  }

  private _onMessage(message: EventMessage): void {
    this._expect();
    this._pause = FIRST_PAUSE;
    this._failures = 0;
    const health = healthIn(message);
    const before = this._condor;
    if (health) {
      this._condor = health.ok
        ? null
        : new CondorUnavailable(health.message ?? '', null, health.code);
    }
    this._isComplete ||= health !== null;
    this._message.emit(message);
    if (this._isComplete) {
      this._hear(before !== this._condor);
    }
  }

  /** The connection is gone: find out why, and try again. */
  private async _onClosed(): Promise<void> {
    clearTimeout(this._silence);
    const attempt = ++this._attempt;
    this._failures += 1;
    const trouble = await this._ask();
    if (attempt !== this._attempt || this._isDisposed) {
      return;
    }
    if (trouble) {
      this._fail(trouble);
    } else if (this._failures >= DEAF) {
      this._fail(
        new ApiError(
          'The server answers, but its events do not arrive. Something in between may not pass on WebSockets: ask the administrator.',
          'No news from the server'
        )
      );
    }
    this._retrying = setTimeout(
      () => {
        this._connect();
      },
      trouble instanceof ExtensionMissing ? MISSING_PAUSE : this._pause
    );
    this._pause = Math.min(2 * this._pause, LONGEST_PAUSE);
  }

  /** Why the server does not answer; null when it does. */
  private async _ask(): Promise<ApiError | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<ApiError>(resolve => {
      timer = setTimeout(() => {
        resolve(new ServerAway(`no answer in ${PATIENCE / 1000} s`));
      }, PATIENCE);
    });
    const answer = this._api.root().then(() => null, asApiError);
    return Promise.race([answer, late]).finally(() => {
      clearTimeout(timer);
    });
  }

  private _hear(changed = false): void {
    const isNews = this._seen === null || this._broken !== null || changed;
    this._seen = Date.now();
    if (isNews) {
      this._broken = null;
      this._changed.emit();
    }
  }

  private _fail(trouble: ApiError): void {
    this._broken = trouble;
    this._changed.emit();
  }

  private readonly _onVisibility = (): void => {
    clearTimeout(this._hiding);
    if (document.hidden) {
      this._hiding = setTimeout(() => {
        this._disconnect();
      }, HIDDEN);
    } else {
      this._pause = FIRST_PAUSE;
      this._connect();
    }
  };

  private readonly _api: IApi;
  /** Counts the connections that were wanted; an answer to an earlier one comes too late. */
  private _attempt = 0;
  private _broken: ApiError | null = null;
  private readonly _changed = new Signal<this, void>(this);
  private _failures = 0;
  private _condor: ApiError | null = null;
  private _hiding: ReturnType<typeof setTimeout> | undefined;
  /** Whether all clusters were told: the health of HTCondor comes after them. */
  private _isComplete = false;
  private _isDisposed = false;
  private _lingering: ReturnType<typeof setTimeout> | undefined;
  private readonly _message = new Signal<this, EventMessage>(this);
  private _pause = FIRST_PAUSE;
  private _retrying: ReturnType<typeof setTimeout> | undefined;
  private _seen: number | null = null;
  private _silence: ReturnType<typeof setTimeout> | undefined;
  private _socket: IDisposable | null = null;
  private _watchers = 0;
}

function healthIn(message: EventMessage): Health | null {
  switch (message.type) {
    case 'snapshot':
      return message.data.health;
    case 'health':
      return message.data;
    default:
      return null;
  }
}
