/** Names for new clusters. */
import type { IEntry } from '../tokens';

/** The greatest length of a name. */
const LONGEST = 63;

/** The names that a new cluster cannot have; one that failed keeps its name until it is removed. */
export function takenNames(entries: readonly IEntry[]): ReadonlySet<string> {
  return new Set(
    entries.filter(({ state }) => state !== 'ended').map(({ cluster }) => cluster.name)
  );
}

/** "default", or the first of "default-2", "default-3", ... that is free; a number that a name has goes on. */
export function freeName(entries: readonly IEntry[], like = 'default'): string {
  const taken = takenNames(entries);
  const stem = like.replace(/-[1-9]\d?$/, '') || like;
  let name = like;
  for (let number = 2; taken.has(name); number++) {
    const ending = `-${number}`;
    name = stem.slice(0, LONGEST - ending.length) + ending;
  }
  return name;
}
