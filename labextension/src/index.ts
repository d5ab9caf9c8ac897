import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Api } from './api';
import { addCommands } from './commands';
import { ClustersModel } from './model';
import { AnalysisFacilityPanel } from './panel/panel';
import { CommandIDs, IClusters } from './tokens';

export { IClusters } from './tokens';

const clusters: JupyterFrontEndPlugin<IClusters> = {
  id: 'af-lab:clusters',
  description: 'Knows the Dask clusters of the user on the analysis facility.',
  autoStart: true,
  provides: IClusters,
  activate: (app: JupyterFrontEnd): IClusters =>
    new ClustersModel(new Api(app.serviceManager.serverSettings))
};

const commands: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:plugin',
  description: 'Adds the commands for Dask clusters to the palette and the menus.',
  autoStart: true,
  requires: [IClusters],
  optional: [ICommandPalette, INotebookTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    palette: ICommandPalette | null,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    addCommands({ app, clusters, notebooks, trans });
    const category = trans.__('Analysis Facility');
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category, args: { isPalette: true } });
    }
  }
};

const panel: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:panel',
  description: 'Adds the Analysis Facility panel to the left sidebar.',
  autoStart: true,
  requires: [IClusters],
  optional: [ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ): void => {
    const execute = (id: string, args = {}): void => void app.commands.execute(id, args);
    const panel = new AnalysisFacilityPanel({
      clusters,
      actions: {
        create: () => {
          execute(CommandIDs.newCluster);
        },
        insertCode: name => {
          execute(CommandIDs.insertCode, { name });
        },
        scale: (name, workers) => {
          clusters.scale(name, workers);
        },
        stop: name => {
          execute(CommandIDs.stopCluster, { name });
        }
      },
      translator: translator ?? nullTranslator
    });
    restorer?.add(panel, 'af-lab-panel');
    app.shell.add(panel, 'left', { rank: 300 });
  }
};

export default [clusters, commands, panel];
