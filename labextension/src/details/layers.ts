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

/** The points with one more if its numbers differ. Its time is never before the last one. */
export function extended(points: readonly IPoint[], next: IPoint): readonly IPoint[] {
  const last = points.at(-1);
  if (last && LAYERS.every(layer => last.counted[layer] === next.counted[layer])) {
    return points;
  }
  return [...points, { ...next, when: Math.max(next.when, last?.when ?? 0) }];
}
