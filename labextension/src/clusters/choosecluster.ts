import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IEntry } from '../tokens';

/** Returns the only cluster, or lets the user choose one; null if the user cancels. */
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
