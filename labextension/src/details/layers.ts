/** The parts of the workers that the time line stacks, from the bottom. */
import type { Counts } from '../api';

export const LAYERS = ['connected', 'starting', 'waiting', 'stuck'] as const;

export type Layer = (typeof LAYERS)[number];

/** How many workers are in each part. */
export type ICounted = Readonly<Record<Layer, number>>;

/** The numbers of workers from a moment on. */
export interface IPoint {
  /** Milliseconds since 1970. */
  readonly when: number;
  readonly counted: ICounted;
}

export function counted({ connected, starting, waiting, held, lost }: Counts): ICounted {
  return { connected, starting, waiting, stuck: held + lost };
}

export function total(counted: ICounted): number {
  return LAYERS.reduce((sum, layer) => sum + counted[layer], 0);
}

/**
 * The points that are known after another answer. It replaces them, but not if it tells another past, as a scheduler
 * does after a restart if it could not keep its time line: it does not know which workers were connected before.
 *
 * @param known - What is drawn now.
 * @param earlier - The answer before; null if this is the first one.
 * @param told - The new answer.
 */
export function continued(
  known: readonly IPoint[],
  earlier: readonly IPoint[] | null,
  told: readonly IPoint[]
): readonly IPoint[] {
  const marks = [earlier?.at(0), earlier?.at(-1)].filter(point => point !== undefined);
  if (marks.every(mark => told.some(point => isSame(mark, point)))) {
    return told;
  }
  const end = known.at(-1)?.when ?? -Infinity;
  return [...known, ...told.filter(({ when }) => when > end)];
}

function isSame(a: IPoint, b: IPoint): boolean {
  return a.when === b.when && LAYERS.every(layer => a.counted[layer] === b.counted[layer]);
}

/** The points with one more if its numbers differ. Its time is never before the last one. */
export function extended(points: readonly IPoint[], next: IPoint): readonly IPoint[] {
  const last = points.at(-1);
  if (last && LAYERS.every(layer => last.counted[layer] === next.counted[layer])) {
    return points;
  }
  return [...points, { ...next, when: Math.max(next.when, last?.when ?? 0) }];
}
