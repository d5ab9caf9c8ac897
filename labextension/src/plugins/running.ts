import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRunningSessionManagers, IRunningSessionSidebar } from '@jupyterlab/running';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type Message, MessageLoop } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';

import { runningClusters } from '../clusters/running';
import { runningRuns } from '../runs/running';
import { IClusters, IRuns } from '../tokens';

const running: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:running',
  description: 'Lists the Dask clusters and the runs among the running sessions.',
  autoStart: true,
  requires: [IClusters, IRuns],
  optional: [IRunningSessionManagers, IRunningSessionSidebar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    runs: IRuns,
    managers: IRunningSessionManagers | null,
    sidebar: IRunningSessionSidebar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    managers?.add(runningClusters(clusters, app.commands, trans));
    managers?.add(runningRuns(runs, app.commands, trans));
    if (sidebar) {
      watchWhileVisible(sidebar.toolbar, clusters);
    }
  }
};

/** Watch the clusters, and the runs with them, while a widget is visible. */
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
