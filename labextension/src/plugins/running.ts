import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  IRunningSessionManagers,
  type IRunningSessions,
  IRunningSessionSidebar
} from '@jupyterlab/running';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { type Message, MessageLoop } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';

import { isLive } from '../api';
import { clusterIcon } from '../shared/icons';
import { CommandIDs, IClusters, type IEntry } from '../tokens';
import { standingWord, tallyWords } from '../shared/words';

const running: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:running',
  description: 'Lists the Dask clusters among the running sessions.',
  autoStart: true,
  requires: [IClusters],
  optional: [IRunningSessionManagers, IRunningSessionSidebar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    managers: IRunningSessionManagers | null,
    sidebar: IRunningSessionSidebar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    managers?.add(runningClusters(clusters, app.commands, trans));
    if (sidebar) {
      watchWhileVisible(sidebar.toolbar, clusters);
    }
  }
};

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

/** Watch the clusters while a widget is visible. */
function watchWhileVisible(widget: Widget, clusters: IClusters): void {
  let watch: IDisposable | null = null;
  MessageLoop.installMessageHook(widget, (_, message: Message) => {
    if (message.type === 'after-show' || message.type === 'after-attach') {
      watch ??= widget.isVisible ? clusters.watch() : null;
    } else if (message.type === 'before-hide' || message.type === 'before-detach') {
      watch?.dispose();
      watch = null;
    }
    return true;
  });
}

export default running;
