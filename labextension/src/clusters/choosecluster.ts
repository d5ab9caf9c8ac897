import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IEntry } from '../tokens';

/** The only one of some clusters, or the one the user chooses; null if the user gives up. */
export async function chooseCluster(
  entries: readonly IEntry[],
  title: string,
  trans: TranslationBundle
): Promise<IEntry | null> {
  if (entries.length === 1) {
    return entries[0] ?? null;
  }
  const items = entries.map(entry => entry.cluster.name);
  const { value } = await InputDialog.getItem({ title, items, label: trans.__('Cluster') });
  return entries.find(entry => entry.cluster.name === value) ?? null;
}
