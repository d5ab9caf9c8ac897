/** Texts about the cluster of a notebook, as pure functions of the state. */
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

/** "dimuon · 8 workers", "dimuon · 3 of 8 workers", "No cluster" */
export function buttonWords(
  client: IKernelClient | null,
  entry: IEntry | null,
  trans: TranslationBundle
): string {
  if (!client) {
    return trans.__('No cluster');
  }
  return entry ? workersWords(entry, trans) : clientWords(client, null, trans);
}

/** What the button says about the cluster in full, and what a click does. */
export function buttonTitle(
  client: IKernelClient | null,
  entry: IEntry | null,
  trans: TranslationBundle
): string {
  if (!client) {
    return trans.__('No Dask cluster is used here. Click to connect to one.');
  }
  const what = entry ? tallyWords(entry, trans) : (client.cluster ?? client.address);
  return [
    trans.__('The Dask cluster used here: %1', what),
    trans.__('Click for its plots and details, or for another one')
  ].join('\n');
}

/** "dimuon · 8 workers", "dimuon · 3 of 8 workers" */
export function workersWords(entry: IEntry, trans: TranslationBundle): string {
  const { name, counts } = entry.cluster;
  const { connected } = counts;
  return connected >= entry.wanted
    ? trans._n('%2 · %1 worker', '%2 · %1 workers', connected, name)
    : trans._n('%2 · %3 of %1 worker', '%2 · %3 of %1 workers', entry.wanted, name, connected);
}
