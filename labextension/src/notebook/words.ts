/** Texts of the status bar, as pure functions of the state. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { placeOf } from '../dashboards/address';
import type { IEntry } from '../tokens';
import { tallyWords } from '../shared/words';
import type { IKernelClient } from './client';

/** "dimuon: 12 of 20 workers", "Dask: 127.0.0.1:8786" */
export function clientWords(
  client: IKernelClient,
  entry: IEntry | null,
  trans: TranslationBundle
): string {
  if (entry) {
    const { counts, name } = entry.cluster;
    return trans._n(
      '%2: %3 of %1 worker',
      '%2: %3 of %1 workers',
      entry.wanted,
      name,
      counts.connected
    );
  }
  return client.cluster ?? trans.__('Dask: %1', placeOf(client.dashboard ?? client.address));
}

/** The same with all details, and what a click does. */
export function clientTitle(
  client: IKernelClient,
  entry: IEntry | null,
  trans: TranslationBundle
): string {
  const what = entry
    ? trans.__('Dask cluster of this notebook: %1', tallyWords(entry, trans))
    : trans.__('Dask client of this notebook: %1', client.cluster ?? client.address);
  return [what, trans.__('Click for its plots')].join('\n');
}
