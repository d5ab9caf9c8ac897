import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { asApiError, type NewCluster } from '../api';
import { explainRefusal } from '../shared/words';
import type { IClusters } from '../tokens';
import { takenNames } from './names';

/** Create the clusters whose names are free, and notify the user of those that fail. */
export async function makeMissing(
  clusters: IClusters,
  wanted: readonly NewCluster[],
  trans: TranslationBundle
): Promise<void> {
  if (wanted.length === 0) {
    return;
  }
  await clusters.refresh();
  const taken = takenNames(clusters.entries);
  for (const request of wanted.filter(({ name }) => !taken.has(name))) {
    try {
      await clusters.create(request);
    } catch (error) {
      const why = explainRefusal(asApiError(error), trans);
      Notification.error(trans.__('The cluster %1 was not created. %2', request.name, why));
    }
  }
}
