import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { argsOf } from '../dashboards/commands';
import { cardMenus } from '../clusters/cardmenus';
import { rememberClusters } from '../clusters/hadclusters';
import { IPins } from '../clusters/pins';
import { PlotsSection } from '../dashboards/section';
import { connectCode } from '../notebook/insertcode';
import { startDrag } from '../notebook/dragcode';
// The activation makes the panel: JupyterLab restores the sidebar with it.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { AnalysisFacilityPanel, isSection } from '../panel/panel';
import { read, SETTINGS } from './settings';
import { CommandIDs, IClusters, IDashboards, IFacility, IRuns } from '../tokens';

const panel: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:panel',
  description: 'Adds the Analysis Facility panel to the left sidebar.',
  autoStart: true,
  requires: [IClusters, IFacility, IDashboards, IRuns],
  optional: [ILayoutRestorer, IPins, ISettingRegistry, IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    facility: IFacility,
    dashboards: IDashboards,
    runs: IRuns,
    restorer: ILayoutRestorer | null,
    pins: IPins | null,
    registry: ISettingRegistry | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ): void => {
    const execute = (id: string, args = {}): void => void app.commands.execute(id, args);
    const trans = (translator ?? nullTranslator).load('af_lab');
    const plots = new PlotsSection({
      dashboards,
      clusters,
      actions: {
        openPlot: plot => {
          execute(CommandIDs.openPlot, { plot });
        },
        openMain: () => {
          const { source } = dashboards;
          execute(CommandIDs.showPlots, source ? argsOf(source) : {});
        },
        findInKernel: () => {
          execute(CommandIDs.findClient);
        },
        copyAddress: () => {
          execute(CommandIDs.copyDashboard);
        }
      },
      trans
    });
    const panel = new AnalysisFacilityPanel({
      clusters,
      facility,
      dashboards,
      runs,
      actions: {
        create: () => {
          execute(CommandIDs.newCluster);
        },
        insertCode: name => {
          execute(CommandIDs.insertCode, { name });
        },
        change: (name, change) => {
          clusters.change(name, change);
        },
        startAgain: name => {
          execute(CommandIDs.releaseCluster, { name });
        },
        askForWhatFits: name => {
          execute(CommandIDs.askForWhatFits, { name });
        },
        ...cardMenus({ commands: app.commands, clusters, facility, trans }),
        stop: name => {
          execute(CommandIDs.stopCluster, { name });
        },
        stopAll: () => {
          execute(CommandIDs.stopAll);
        },
        showDetails: name => {
          execute(CommandIDs.showDetails, { name });
        },
        showPlots: name => {
          execute(CommandIDs.showPlots, { name });
        },
        startDrag: (name, { clientX, clientY }) => {
          void startDrag(name, { clientX, clientY }, connectCode(name));
        },
        cancelRun: name => {
          execute(CommandIDs.cancelRun, { name });
        },
        runAgain: name => {
          execute(CommandIDs.runAgain, { name });
        },
        removeRun: name => {
          execute(CommandIDs.removeRun, { name });
        },
        showRunLog: name => {
          execute(CommandIDs.showRunLog, { name });
        },
        openExample: id => {
          execute(CommandIDs.openExample, { id });
        }
      },
      hadClusters: rememberClusters(clusters, state),
      pins,
      plots,
      translator: translator ?? nullTranslator
    });
    restorer?.add(panel, 'af-lab-panel');
    app.shell.add(panel, 'left', { rank: 300 });

    app.commands.addCommand(CommandIDs.showPanel, {
      label: args =>
        args.isPalette ? trans.__('Show the Analysis Facility') : trans.__('Analysis Facility'),
      caption: trans.__('Show the panel of the analysis facility'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            section: {
              type: 'string',
              enum: ['clusters', 'runs', 'plots', 'pool', 'examples'],
              description: 'The section to open'
            }
          }
        }
      },
      execute: args => {
        app.shell.activateById(panel.id);
        if (isSection(args.section)) {
          panel.showSection(args.section);
        }
      }
    });

    void registry?.load(SETTINGS).then(settings => {
      const update = (): void => {
        panel.leaveOut('clusters', read(settings).hideClusterManager);
      };
      settings.changed.connect(update);
      update();
    });
  }
};

export default panel;
