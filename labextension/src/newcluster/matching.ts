import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { type ApiError, asApiError, type Match, type Specification } from '../api';
import type { IFacility } from '../tokens';

/** How long the input must stay unchanged before the pool is queried, in milliseconds. */
const REST = 300;

/** What the pool has for a specification. */
export interface IAnswer {
  readonly question: string;
  readonly match: Match | null;
  /** Why the query failed. */
  readonly trouble: ApiError | null;
}

/** Queries what the pool has for the newest specification. */
export class Matching implements IDisposable {
  constructor(ask: IFacility['match']) {
    this._ask = ask;
  }

  /** Emitted when `answer` has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The newest answer; null before the first one. */
  get answer(): IAnswer | null {
    return this._answer;
  }

  /** Whether there is no specification to query. */
  get isPaused(): boolean {
    return this._question === null;
  }

  /** Whether the answer belongs to the newest specification. */
  get isCurrent(): boolean {
    return this._answer !== null && this._answer.question === this._question;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  /** Query for a specification once it stays unchanged; null pauses the queries. */
  want(specification: Specification | null): void {
    const question = specification && JSON.stringify(specification);
    if (question === this._question) {
      return;
    }
    this._question = question;
    clearTimeout(this._timer);
    if (specification && !this.isCurrent) {
      this._timer = setTimeout(() => {
        void this._send(specification);
      }, REST);
    }
  }

  /** Take an answer that is known already. */
  learn(specification: Specification, match: Match): void {
    this._answer = { question: JSON.stringify(specification), match, trouble: null };
  }

  private async _send(specification: Specification): Promise<void> {
    const question = JSON.stringify(specification);
    let answer: IAnswer;
    try {
      answer = { question, match: await this._ask(specification), trouble: null };
    } catch (error) {
      answer = { question, match: null, trouble: asApiError(error) };
    }
    if (question === this._question && !this._isDisposed) {
      clearTimeout(this._timer);
      this._answer = answer;
      this._changed.emit();
    }
  }

  private _answer: IAnswer | null = null;
  private readonly _ask: IFacility['match'];
  private readonly _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _question: string | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
