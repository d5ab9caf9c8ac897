import type { IDisposable } from '@lumino/disposable';

import { type Cluster, type Explanation, lacksWorkers } from '../api';

/** How long an explanation holds while nothing changes, in milliseconds. */
const FRESH = 15_000;

/** A change is waited for to settle before it is explained, in milliseconds. */
const SETTLE = 2_000;

export interface IReasonsOptions {
  readonly ask: (name: string) => Promise<Explanation>;

  /** Called when there is an explanation. */
  readonly changed: () => void;
}

/** Knows why workers wait or are on hold; asks for one cluster at a time, while there is something to explain. */
export class Reasons implements IDisposable {
  constructor(options: IReasonsOptions) {
    this._options = options;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
  }

  /** Why workers of a cluster wait; null when none does, or nobody told yet. */
  of(id: number): Explanation | null {
    return this._known.get(id)?.told ?? null;
  }

  /** Explain these clusters from now on, and no other ones. */
  follow(clusters: readonly Cluster[]): void {
    const now = Date.now();
    const puzzling = clusters.filter(({ state, counts }) => lacksWorkers(state, counts));
    const ids = new Set(puzzling.map(({ id }) => id));
    for (const id of this._known.keys()) {
      if (!ids.has(id)) {
        this._known.delete(id);
      }
    }
    for (const { id, name, counts } of puzzling) {
      const about = `${counts.idle} ${counts.held}`;
      const known = this._known.get(id);
      if (!known) {
        this._known.set(id, { name, about, due: now + SETTLE, told: null });
      } else if (known.about !== about) {
        known.about = about;
        known.due = Math.min(known.due, now + SETTLE);
      }
    }
    this._plan();
  }

  private _plan(): void {
    clearTimeout(this._timer);
    if (this._asking || this._known.size === 0 || this._isDisposed || document.hidden) {
      return;
    }
    const due = Math.min(...Array.from(this._known.values(), known => known.due));
    this._timer = setTimeout(
      () => {
        void this._explain();
      },
      Math.max(0, due - Date.now())
    );
  }

  private async _explain(): Promise<void> {
    const [next] = [...this._known.values()].sort((a, b) => a.due - b.due);
    if (!next) {
      return;
    }
    this._asking = true;
    next.due = Date.now() + FRESH;
    try {
      next.told = await this._options.ask(next.name);
    } catch {
      // That something is wrong is told elsewhere; an old reason may be wrong by now.
      next.told = null;
    }
    this._asking = false;
    if (!this._isDisposed) {
      // Follows anew, and plans.
      this._options.changed();
    }
  }

  private _asking = false;
  private _isDisposed = false;
  private readonly _known = new Map<number, IKnown>();
  private readonly _options: IReasonsOptions;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

interface IKnown {
  /** Numbers of those that wait and are on hold. */
  about: string;
  due: number;
  readonly name: string;
  told: Explanation | null;
}
