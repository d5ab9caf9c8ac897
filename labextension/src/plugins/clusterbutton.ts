import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISessionContextDialogs, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { type ConsolePanel, IConsoleTracker } from '@jupyterlab/console';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Toolbar } from '@jupyterlab/ui-components';

import type { ActiveNotebook } from '../notebook/activeclient';
import { ClusterButton } from '../notebook/clusterbutton';
import { KernelCluster } from '../notebook/kernelcluster';
import { runInConsole, runInNotebook } from '../notebook/runcode';
import { IClusters, IFacility } from '../tokens';
import { IActiveNotebook } from './notebook';

/** The name of the item; the schema of this extension places it in the toolbars. */
const ITEM = 'af-lab-cluster';

/** The plugin whose schema has the toolbar of consoles, which JupyterLab 4.2 has not. */
const CONSOLES = '@jupyterlab/console-extension:tracker';

const button: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:cluster-button',
  description:
    'Names the cluster of each notebook and console in its toolbar, and connects it to one.',
  autoStart: true,
  requires: [IActiveNotebook, IClusters, IFacility, IToolbarWidgetRegistry],
  optional: [IConsoleTracker, ISessionContextDialogs, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clients: ActiveNotebook,
    clusters: IClusters,
    facility: IFacility,
    toolbars: IToolbarWidgetRegistry,
    consoles: IConsoleTracker | null,
    dialogs: ISessionContextDialogs | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    const make = (
      panel: ConsolePanel | NotebookPanel,
      run: (source: string) => Promise<boolean>
    ): ClusterButton => {
      const { commands } = app;
      const { sessionContext } = panel;
      const model = new KernelCluster({ clients, clusters, sessionContext });
      const ask = (): Promise<unknown> => clients.ask(model.kernel);
      const openMenu = async (at: HTMLElement): Promise<void> => {
        const { ClusterMenu } = await import('../notebook/clustermenu');
        const options = { ask, clusters, commands, facility, model, run, trans };
        await new ClusterMenu(options).open(at);
      };
      const made = new ClusterButton({ model, openMenu, trans });
      panel.disposed.connect(() => {
        made.dispose();
      });
      return made;
    };
    const inConsole = (panel: ConsolePanel): ClusterButton =>
      make(panel, source => runInConsole(panel, source));

    toolbars.addFactory<NotebookPanel>('Notebook', ITEM, panel =>
      make(panel, source => runInNotebook(panel, source, dialogs ?? undefined))
    );
    toolbars.addFactory<ConsolePanel>('ConsolePanel', ITEM, inConsole);
    if (consoles && registry) {
      void addWhereMissing(consoles, registry, inConsole);
    }
  }
};

/** Add the button to each console if consoles have a toolbar without items, as in JupyterLab 4.2. */
async function addWhereMissing(
  consoles: IConsoleTracker,
  registry: ISettingRegistry,
  make: (panel: ConsolePanel) => ClusterButton
): Promise<void> {
  const { schema } = await registry.load(CONSOLES);
  if (schema['jupyter.lab.toolbars']?.ConsolePanel) {
    return;
  }
  const add = (panel: ConsolePanel): void => {
    panel.toolbar.addItem('af-lab-spacer', Toolbar.createSpacerItem());
    panel.toolbar.addItem(ITEM, make(panel));
  };
  consoles.forEach(add);
  consoles.widgetAdded.connect((_, panel) => {
    add(panel);
  });
}

export default button;
