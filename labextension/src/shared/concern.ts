import { isLive } from '../api';
import type { IEntry } from '../tokens';

/** What keeps a cluster that exists from its workers. */
export type Concern = 'silent' | 'failing' | 'held' | 'never' | 'lost';

/** The most urgent concern about a cluster; null if all is well, or if it stops or is over. */
export function concern({ cluster, state, why }: IEntry): Concern | null {
  const { counts, failing, reason } = cluster;
  if (!isLive(state)) {
    return null;
  }
  if (state === 'running' && reason !== null) {
    // A running cluster has a reason only while its scheduler does not answer.
    return 'silent';
  }
  if (failing !== null) {
    return 'failing';
  }
  if (counts.held > 0) {
    return 'held';
  }
  if (why?.cause === 'never') {
    return 'never';
  }
  return counts.lost > 0 ? 'lost' : null;
}
