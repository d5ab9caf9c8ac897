import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

// The activation adds the commands of these modules.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { addClusterCommands } from '../clusters/commands';
import { addExampleCommands } from '../examples/commands';
import { addRunCommands } from '../runs/commands';
import { CommandIDs, IClusters, IFacility, IRuns } from '../tokens';

const commands: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:plugin',
  description: 'Adds the commands of the analysis facility to the palette and the launcher.',
  autoStart: true,
  requires: [IClusters, IFacility, IRuns],
  optional: [
    ICommandPalette,
    IDefaultFileBrowser,
    ILauncher,
    INotebookTracker,
    IStateDB,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    facility: IFacility,
    runs: IRuns,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null,
    launcher: ILauncher | null,
    notebooks: INotebookTracker | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    addClusterCommands({ app, clusters, facility, notebooks, state, trans });
    addRunCommands({ commands: app.commands, runs, trans });
    const drive = browser?.model.driveName ?? '';
    addExampleCommands({ commands: app.commands, drive, facility, trans });
    const category = trans.__('Analysis Facility');
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category, args: { isPalette: true } });
    }
    for (const [rank, command] of [CommandIDs.newCluster, CommandIDs.openExample].entries()) {
      launcher?.add({ command, category, rank, args: { isLauncher: true } });
    }
  }
};

export default commands;
