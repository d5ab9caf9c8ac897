/** The layout of the time line, as a pure function of points and size. */
import { type ICounted, type IPoint, type Layer, LAYERS, total } from './layers';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Room for the numbers at the axes, in pixels. */
const LEFT = 40;
const RIGHT = 28;
const TOP = 8;
const BOTTOM = 24;

/** The smallest distance of two marks on the time axis, in pixels. */
const APART = 80;

/** The axis of workers has about this many marks, or fewer. */
const MARKS = 5;

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(count => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(count => count * MINUTE),
  ...[1, 2, 3, 6, 12].map(count => count * HOUR),
  ...[1, 2, 7, 14, 28].map(count => count * DAY)
];

export interface IMark {
  /** Where it is, in pixels along its axis. */
  readonly at: number;
  /** Milliseconds since 1970, or a number of workers. */
  readonly value: number;
}

export interface IChart {
  readonly begin: number;
  readonly end: number;
  readonly areas: readonly { readonly layer: Layer; readonly path: string }[];
  readonly counts: readonly IMark[];
  readonly times: readonly IMark[];
  /** The distance of two marks of time, in milliseconds. */
  readonly step: number;
  /** The newest numbers, and the highest of each. */
  readonly now: ICounted;
  readonly most: ICounted;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

export interface ISize {
  readonly width: number;
  readonly height: number;
}

/**
 * Compute the layout of a time line.
 *
 * @param points - Not empty, the oldest first.
 * @param now - Where the axis of time ends, in milliseconds since 1970.
 * @param size - In pixels.
 * @param zone - The offset of local time from UTC, in milliseconds, so that marks are at full local hours.
 */
export function layOut(points: readonly IPoint[], now: number, size: ISize, zone: number): IChart {
  const right = Math.max(size.width - RIGHT, LEFT + 1);
  const bottom = size.height - BOTTOM;
  const begin = points[0]?.when ?? now - MINUTE;
  const end = Math.max(now, points.at(-1)?.when ?? now, begin + 10 * SECOND);
  const x = (when: number): number =>
    Math.round(LEFT + ((when - begin) / (end - begin)) * (right - LEFT));

  const top = niceCeil(Math.max(1, ...points.map(({ counted }) => total(counted))));
  const y = (count: number): number => Math.round(bottom - (count / top) * (bottom - TOP));

  const columns = byColumn(points, x);
  const step = STEPS.find(step => (step / (end - begin)) * (right - LEFT) >= APART) ?? end - begin;
  return {
    begin,
    end,
    areas: LAYERS.map((layer, index) => ({ layer, path: area(columns, index, { right, y }) })),
    counts: countMarks(top).map(value => ({ value, at: y(value) })),
    times: multiples(begin + zone, end + zone, step).map(local => ({
      value: local - zone,
      at: x(local - zone)
    })),
    step,
    now: points.at(-1)?.counted ?? NOBODY,
    most: most(points),
    left: LEFT,
    right,
    bottom
  };
}

const NOBODY: ICounted = { connected: 0, starting: 0, waiting: 0, stuck: 0 };

interface IColumn {
  readonly at: number;
  readonly counted: ICounted;
}

/** At most one step per pixel: if several points share a pixel, the last one counts. */
function byColumn(points: readonly IPoint[], x: (when: number) => number): IColumn[] {
  const columns = new Map<number, ICounted>();
  for (const { when, counted } of points) {
    columns.set(x(when), counted);
  }
  return Array.from(columns, ([at, counted]) => ({ at, counted }));
}

/** The outline of a layer: along its upper edge in steps, and back along its lower one. */
function area(
  columns: readonly IColumn[],
  index: number,
  { right, y }: { right: number; y: (count: number) => number }
): string {
  const edge = (layers: number): string[] =>
    columns.flatMap(({ at, counted }, place) => {
      const height = y(LAYERS.slice(0, layers).reduce((sum, layer) => sum + counted[layer], 0));
      return [`${at},${height}`, `${columns[place + 1]?.at ?? right},${height}`];
    });
  return `M${[...edge(index + 1), ...edge(index).reverse()].join('L')}Z`;
}

function most(points: readonly IPoint[]): ICounted {
  return points.reduce(
    (highest, { counted }) => ({
      connected: Math.max(highest.connected, counted.connected),
      starting: Math.max(highest.starting, counted.starting),
      waiting: Math.max(highest.waiting, counted.waiting),
      stuck: Math.max(highest.stuck, counted.stuck)
    }),
    NOBODY
  );
}

function countMarks(top: number): number[] {
  return multiples(0, top, niceStep(top / MARKS));
}

function niceCeil(count: number): number {
  const step = niceStep(count / MARKS);
  return Math.ceil(count / step) * step;
}

/** 1, 2, 5, 10, 20, …: the first that is not smaller. */
function niceStep(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
  return [1, 2, 5, 10].map(digit => digit * power).find(step => step >= least) ?? power;
}

function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step);
}
