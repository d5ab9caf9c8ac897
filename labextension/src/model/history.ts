import type { Cluster, TimelinePoint } from '../api';
import type { IMoment } from '../tokens';

/** How far back it goes, in milliseconds. */
const SPAN = 600_000;

/** Two moments that are nearer to each other than this, in milliseconds, count as one. */
const GRAIN = 1_000;

/** The last ten minutes of a cluster. */
export class History {
  /** The oldest first. The last moment before the span gives the state at its beginning. */
  get moments(): readonly IMoment[] {
    return this._moments;
  }

  add({ counts, cpu }: Cluster, when = Date.now()): void {
    const moment = { when, connected: counts.connected, wanted: counts.requested, cpu };
    const last = this._moments.at(-1);
    if (last && isSame(last, moment)) {
      return;
    }
    const close = last !== undefined && when - last.when < GRAIN && this._moments.length > 1;
    const kept = close ? this._moments.slice(0, -1) : this._moments;
    this._moments = [...sinceSpan(kept, when), moment];
  }

  /** Take over what the server recorded of the time before the first moment here. */
  recall(points: readonly TimelinePoint[]): void {
    const first = this._moments.at(0)?.when ?? Infinity;
    const earlier = points
      .map(({ when, counts: { connected, requested } }) => {
        return { when: Date.parse(when), connected, wanted: requested, cpu: null };
      })
      .filter(({ when }) => when < first);
    this._moments = sinceSpan([...earlier, ...this._moments], Math.min(first, Date.now()));
  }

  private _moments: readonly IMoment[] = [];
}

/** The moments of the span before a time, and the last one before the span. */
function sinceSpan(moments: readonly IMoment[], when: number): readonly IMoment[] {
  const begun = moments.findLastIndex(({ when: earlier }) => earlier <= when - SPAN);
  return moments.slice(Math.max(0, begun));
}

function isSame(a: IMoment, b: IMoment): boolean {
  return a.connected === b.connected && a.wanted === b.wanted && a.cpu === b.cpu;
}
