import type { TranslationBundle } from '@jupyterlab/translation';

import { isLive } from '../api';
import { chooseCluster } from '../clusters/choosecluster';
import type { IClusters, IDashboards } from '../tokens';

/** If no dashboard is chosen, or its cluster is over: follow the only cluster, or let the user choose one of several. */
export async function chooseSource(
  dashboards: IDashboards,
  clusters: IClusters,
  trans: TranslationBundle
): Promise<void> {
  const { source } = dashboards;
  const live = (): typeof clusters.entries => clusters.entries.filter(({ state }) => isLive(state));
  const isThere = (): boolean =>
    source?.kind === 'address' ||
    live().some(({ cluster }) => source?.kind === 'cluster' && cluster.name === source.name);
  if (isThere()) {
    return;
  }
  // The list may be empty or old while the panel is hidden.
  await clusters.refresh();
  if (isThere() || live().length === 0) {
    return;
  }
  const entry = await chooseCluster(live(), trans.__('Plots of'), trans);
  if (entry) {
    dashboards.follow({ kind: 'cluster', name: entry.cluster.name });
  }
}
