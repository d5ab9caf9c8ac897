import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import { READING } from '../clusters/findcluster';
import { ActiveNotebook } from '../notebook/activeclient';
import { AutoStart } from '../notebook/autostart';
import { sourceOf } from '../notebook/client';
import { ClientStatus } from '../notebook/statusitem';
import { read, SETTINGS } from './settings';
import { CommandIDs, IClusters, IDashboards } from '../tokens';

/** The clients of the kernels, for use within this extension only. */
export const IActiveNotebook = new Token<ActiveNotebook>(
  'af-lab:IActiveNotebook',
  'The Dask clients of the kernels, as far as they were asked.'
);

const client: JupyterFrontEndPlugin<ActiveNotebook> = {
  id: 'af-lab:client',
  description: 'Shows the Dask client of the active notebook in the status bar, and its plots.',
  autoStart: true,
  requires: [IClusters, IDashboards],
  optional: [INotebookTracker, IConsoleTracker, ISettingRegistry, IStatusBar, ITranslator],
  provides: IActiveNotebook,
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    dashboards: IDashboards,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    registry: ISettingRegistry | null,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): ActiveNotebook => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('af_lab');
    const model = new ActiveNotebook({ clusters, consoles, notebooks, shell });

    commands.addCommand(CommandIDs.findClient, {
      label: trans.__('Show the Dask Plots of This Notebook'),
      caption: trans.__('List the plots of the Dask client in the active notebook'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const found = await model.ask();
        const source = found && sourceOf(found);
        if (source) {
          dashboards.follow(source);
          await commands.execute(CommandIDs.showPanel, { section: 'plots' });
        } else {
          Notification.info(
            found
              ? trans.__('The Dask client of the active notebook has no dashboard.')
              : trans.__(
                  'The active notebook has no Dask client, or its kernel is busy. Create a client there, or wait until the cell is done.'
                ),
            { autoClose: READING }
          );
        }
      }
    });

    statusBar?.registerStatusItem('af-lab:client', {
      align: 'left',
      rank: 10,
      item: new ClientStatus({
        model,
        open: () => void commands.execute(CommandIDs.findClient),
        trans
      }),
      isActive: () => model.client !== null,
      activeStateChanged: model.changed
    });

    if (notebooks && registry) {
      let on = false;
      void registry.load(SETTINGS).then(settings => {
        const update = (): void => {
          on = read(settings).autoStartClient;
        };
        settings.changed.connect(update);
        update();
      });
      new AutoStart({
        clusters,
        dashboards,
        notebooks,
        isOn: () => on,
        connected: () => void model.ask(),
        failed: (name, reason) => {
          Notification.warning(
            trans.__('The notebook was not connected to the cluster %1: %2', name, reason),
            { autoClose: READING }
          );
        }
      });
    }
    return model;
  }
};

export default client;
