import type { TranslationBundle } from '@jupyterlab/translation';

import type { Cluster } from '../api';
import { roughSize } from '../shared/size';

/** What is lost when a cluster stops. */
export function losses(
  { counts, kept_results: kept, kept_bytes: bytes }: Cluster,
  trans: TranslationBundle
): string {
  const { connected } = counts;
  const jobs = trans.__('Its jobs are removed from the HTCondor queue.');
  if (connected === 0 && kept === 0) {
    return `${jobs} ${trans.__('No worker is connected: no results are lost.')}`;
  }
  const workers = trans._n(
    '%1 worker is connected: what it computes now is lost.',
    '%1 workers are connected: what they compute now is lost.',
    connected
  );
  const results =
    kept === 0
      ? trans.__('No results are kept in memory.')
      : trans._n(
          '%1 result is kept in memory (%2), and is lost too.',
          '%1 results are kept in memory (%2), and are lost too.',
          kept,
          roughSize(bytes)
        );
  const files = trans.__('Files that were written stay.');
  return [jobs, connected > 0 && workers, results, files].filter(Boolean).join(' ');
}
