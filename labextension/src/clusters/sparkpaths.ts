import type { IMoment } from '../tokens';

/** The longest and the shortest time span that is drawn, in milliseconds. */
const LONGEST = 600_000;
const SHORTEST = 60_000;

/** More moments than this cannot be distinguished. */
const MOST = 120;

export interface ISparkPaths {
  /** The area below the workers that are connected. */
  readonly connected: string;
  /** The line of the requested workers. */
  readonly wanted: string;
  /** The line of their CPU use; empty if it is not known. */
  readonly cpu: string;
}

/** SVG paths for a drawing of this size. They cover at most the ten minutes before `now`, in milliseconds since 1970. */
export function sparkPaths(
  history: readonly IMoment[],
  now: number,
  width: number,
  height: number
): ISparkPaths {
  const moments = thinned(history);
  const end = Math.max(now, moments.at(-1)?.when ?? now);
  const span = Math.min(LONGEST, Math.max(SHORTEST, end - (moments[0]?.when ?? end)));
  const begin = end - span;
  const top = Math.max(1, ...moments.map(({ connected, wanted }) => Math.max(connected, wanted)));
  const x = (when: number): number => (width * (Math.max(when, begin) - begin)) / span;
  const y = (part: number): number => 1 + (height - 2) * (1 - part);
  const steps = (value: (moment: IMoment) => number | null): string => {
    let path = '';
    let isKnown = false;
    for (const moment of moments) {
      const part = value(moment);
      const at = round(x(moment.when));
      if (isKnown) {
        path += `H${at}`;
      }
      if (part !== null) {
        path += isKnown ? `V${round(y(part))}` : `M${at} ${round(y(part))}`;
      }
      isKnown = part !== null;
    }
    return isKnown ? `${path}H${width}` : path;
  };
  const line = steps(({ connected }) => connected / top);
  return {
    connected: line && `${line}V${height}H${round(x(moments[0]?.when ?? 0))}Z`,
    wanted: steps(({ wanted }) => wanted / top),
    cpu: steps(({ cpu }) => cpu)
  };
}

function thinned(history: readonly IMoment[]): IMoment[] {
  const stride = Math.max(1, Math.ceil(history.length / MOST));
  const last = history.length - 1;
  return history.filter((_, index) => (last - index) % stride === 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
