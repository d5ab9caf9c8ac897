import type { IRunningSessions } from '@jupyterlab/running';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { isLive } from '../api';
import { clusterIcon } from '../shared/icons';
import { standingWord, tallyWords } from '../shared/words';
import { CommandIDs, type IClusters, type IEntry } from '../tokens';

/** The clusters in the form of JupyterLab's list of running sessions. */
export function runningClusters(
  clusters: IClusters,
  commands: CommandRegistry,
  trans: TranslationBundle
): IRunningSessions.IManager {
  const live = (): IEntry[] => clusters.entries.filter(({ state }) => isLive(state));
  return {
    name: trans.__('Dask Clusters'),
    running: () =>
      live().map(entry => {
        const { name } = entry.cluster;
        return {
          context: name,
          icon: () => clusterIcon,
          label: () => name,
          labelTitle: () => tallyWords(entry, trans),
          detail: () => standingWord(entry, trans),
          open: () => void commands.execute(CommandIDs.showDetails, { name }),
          shutdown: () => void commands.execute(CommandIDs.stopCluster, { name })
        };
      }),
    refreshRunning: () => void clusters.refresh(),
    runningChanged: clusters.changed,
    shutdownAll: () => {
      live().forEach(entry => void clusters.stop(entry.cluster.name));
    },
    shutdownLabel: trans.__('Stop'),
    shutdownAllLabel: trans.__('Stop All'),
    shutdownAllConfirmationText: trans.__(
      'Stop all of your Dask clusters? What their workers compute and hold in memory is lost.'
    )
  };
}
