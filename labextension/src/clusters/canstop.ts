import { isOver } from '../api';
import type { IEntry } from '../tokens';

/** Whether a cluster can be stopped, and no stop is under way. */
export function canStop({ state }: IEntry): boolean {
  return !isOver(state) && state !== 'stopping';
}
