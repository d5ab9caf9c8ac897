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

/** How long a hidden document stays connected, in milliseconds. */
const HIDDEN = 60_000;

/** How long to stay connected without watchers, in milliseconds: when a layout is restored, another follows. */
const LINGER = 2_000;

/** Milliseconds of silence after which a connection counts as dead; the server sends the pool every 30 s. */
const SILENCE = 75_000;

/** How long to wait before the next attempt, at first and at most, in milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** A server that does not answer within this time counts as away, in milliseconds. */
const PATIENCE = 10_000;

/** Report blocked WebSockets after this many silent connections. */
const DEAF = 3;

/** The wait if the extension is missing, in milliseconds: each request is written to the server's log. */
const MISSING_PAUSE = 60_000;

/**
 * The events of the server, over one connection that exists while there are watchers and the page is visible.
 *
 * It reconnects by itself. A WebSocket does not report why it failed, so a request to the server finds the reason.
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

  /** Why the server or HTCondor does not answer; null when all is well. */
  get trouble(): ApiError | null {
    return this._broken ?? this._condor;
  }

  /** When the server last answered, in milliseconds since 1970; null if it never did. */
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

  /** Whether there are watchers. */
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

  /** Reconnect at once if the connection is broken. */
  retry(): void {
    if (this._broken) {
      this._disconnect();
      this._connect();
    }
  }

  /** Record that the server answered a request, or why it did not. */
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

  /** Find out why the connection closed, and try again. */
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
          'The server answers, but its events do not arrive. A proxy in between may block WebSockets: ask the administrator.',
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
  /** Counts the attempts to connect; answers to earlier attempts are ignored. */
  private _attempt = 0;
  private _broken: ApiError | null = null;
  private readonly _changed = new Signal<this, void>(this);
  private _failures = 0;
  private _condor: ApiError | null = null;
  private _hiding: ReturnType<typeof setTimeout> | undefined;
  /** Whether all clusters were received: the health of HTCondor follows them. */
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
