import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import {
  type ApiError,
  asApiError,
  type EventMessage,
  type Example,
  type IApi,
  type Match,
  type Pool,
  type Root,
  type Specification
} from '../api';
import type { IFacility } from '../tokens';
import type { Feed } from './feed';

/** The facility: its pool from the server's events, the rest on request. */
export class FacilityModel implements IFacility, IDisposable {
  constructor(api: IApi, feed: Feed) {
    this._api = api;
    feed.message.connect(this._onMessage, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get pool(): Pool | null {
    return this._pool;
  }

  get examples(): readonly Example[] | null {
    return this._examples;
  }

  get examplesTrouble(): ApiError | null {
    return this._examplesTrouble;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  about(): Promise<Root> {
    return this._api.root();
  }

  match(specification: Specification): Promise<Match> {
    return this._api.match(specification);
  }

  async loadExamples(): Promise<void> {
    try {
      this._examples = await this._api.examples();
      this._examplesTrouble = null;
    } catch (error) {
      this._examplesTrouble = asApiError(error);
    }
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  openExample(id: string): Promise<string> {
    return this._api.openExample(id);
  }

  url(path: string): string {
    return this._api.url(path);
  }

  private _onMessage(_: Feed, message: EventMessage): void {
    const pool =
      message.type === 'pool'
        ? message.data
        : message.type === 'snapshot'
          ? message.data.pool
          : null;
    if (pool) {
      this._pool = pool;
      this._changed.emit();
    }
  }

  private readonly _api: IApi;
  private readonly _changed = new Signal<this, void>(this);
  private _examples: readonly Example[] | null = null;
  private _examplesTrouble: ApiError | null = null;
  private _isDisposed = false;
  private _pool: Pool | null = null;
}
