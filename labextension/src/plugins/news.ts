import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { keep } from '../news/keep';
import type { NewsAction, NewsKind } from '../news/record';
import { Told } from '../news/told';
import { Toaster } from '../news/toaster';
import type { ActiveNotebook } from '../notebook/activeclient';
import { type IPlace, placesOf } from '../notebook/places';
import { CommandIDs, IClusters, IRuns } from '../tokens';
import { IConnection } from './clusters';
import { IActiveNotebook } from './notebook';
import { read, SETTINGS } from './settings';

const news: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:news',
  description: 'Notifies the user of what happens to clusters and runs.',
  autoStart: true,
  requires: [IConnection, IClusters, IRuns, IActiveNotebook],
  optional: [INotebookTracker, IConsoleTracker, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    connection: IConnection,
    clusters: IClusters,
    runs: IRuns,
    clients: ActiveNotebook,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const { api } = connection;
    const { commands, serviceManager, shell } = app;
    const trans = (translator ?? nullTranslator).load('af_lab');
    const places = (): IPlace[] => placesOf(clients, notebooks, consoles);

    const act = (action: NewsAction, name: string): void => {
      switch (action) {
        case 'showPlots':
          void commands.execute(CommandIDs.showPlots, { name });
          break;
        case 'showDetails':
          void commands.execute(CommandIDs.showDetails, { name });
          break;
        case 'startAgain':
          void commands.execute(CommandIDs.releaseCluster, { name });
          break;
        case 'keep':
          void keep(name, { api, clusters, trans });
          break;
        case 'showNotebook': {
          const place = places().find(({ cluster }) => cluster === name);
          shell.activateById(place?.panel.id ?? '');
          break;
        }
        case 'showRuns':
          void commands.execute(CommandIDs.showPanel, { section: 'runs' });
          break;
        case 'showRunLog':
          void commands.execute(CommandIDs.showRunLog, { name });
      }
    };

    const start = (settings?: ISettingRegistry.ISettings): Toaster =>
      new Toaster({
        act,
        clusters,
        isOn: (kind: NewsKind) => !settings || (read(settings).notifications[kind] ?? true),
        places: () => {
          const open = places();
          const inFront = open.filter(({ panel }) => panel.isVisible);
          return {
            inFront: new Set(inFront.map(({ cluster }) => cluster)),
            open: new Set(open.map(({ cluster }) => cluster))
          };
        },
        runs,
        switched: settings?.changed ?? null,
        told: new Told(serviceManager.serverSettings.baseUrl, localStorage),
        trans
      });
    // Without the panel, nobody else asks which clusters there are.
    void Promise.all([registry?.load(SETTINGS), app.restored]).then(([settings]) => {
      start(settings);
      void clusters.refresh();
    });
  }
};

export default news;
