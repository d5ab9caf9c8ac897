import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

import { isLive } from '../api';
import { findCluster, NAME } from '../clusters/findcluster';
import { choosePlot } from '../dashboards/chooseplot';
import { chooseSource } from '../dashboards/choosesource';
import { type Mode, openings } from '../dashboards/layout';
import { DashboardsModel } from '../dashboards/model';
import { paneId, PlotPane } from '../dashboards/pane';
import { read, SETTINGS } from './settings';
import { CommandIDs, IClusters, IDashboards, type Source } from '../tokens';
import { showBeside } from './beside';
import { IConnection } from './clusters';

/** The key under which the last dashboard is stored. */
const LAST = 'af-lab:source';

const model: JupyterFrontEndPlugin<IDashboards> = {
  id: 'af-lab:dashboards',
  description: 'Provides the Dask dashboard whose plots are shown.',
  autoStart: true,
  requires: [IConnection, IClusters],
  optional: [ISettingRegistry, IStateDB, ITranslator],
  provides: IDashboards,
  activate: (
    app: JupyterFrontEnd,
    connection: IConnection,
    clusters: IClusters,
    registry: ISettingRegistry | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ): IDashboards => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    const settings = app.serviceManager.serverSettings;
    const dashboards = new DashboardsModel({ api: connection.api, clusters, settings, trans });
    void followAtStart(dashboards, registry, state);
    return dashboards;
  }
};

/** Follow the dashboard that the settings name, or the last one. Then store each dashboard that is chosen. */
async function followAtStart(
  dashboards: IDashboards,
  registry: ISettingRegistry | null,
  state: IStateDB | null
): Promise<void> {
  const url = registry ? read(await registry.load(SETTINGS)).defaultURL : '';
  const last = (await state?.fetch(LAST)) as Source | undefined;
  const source: Source | undefined = url ? { kind: 'address', url } : last;
  if (source && !dashboards.source) {
    dashboards.follow(source);
  }
  let kept = JSON.stringify(dashboards.source);
  dashboards.changed.connect(() => {
    const now = JSON.stringify(dashboards.source);
    if (now !== kept) {
      kept = now;
      void state?.save(LAST, JSON.parse(now) as ReadonlyPartialJSONValue);
    }
  });
}

const panes: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:plots',
  description: 'Shows Dask plots in the main area.',
  autoStart: true,
  requires: [IConnection, IClusters, IDashboards],
  optional: [ILabShell, ILayoutRestorer, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    connection: IConnection,
    clusters: IClusters,
    dashboards: IDashboards,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('af_lab');
    const tracker = new WidgetTracker<MainAreaWidget<PlotPane>>({ namespace: 'af-lab-plots' });

    commands.addCommand(CommandIDs.openPlot, {
      label: trans.__('Open a Dask Plot…'),
      caption: trans.__('Show a plot of the Dask dashboard in the main area'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            plot: { type: 'string', description: 'The last part of the address of the plot' },
            mode: { type: 'string', description: 'Where to place it, as for other documents' },
            ref: { type: 'string', description: 'The plot beside which to place it' },
            quiet: { type: 'boolean', description: 'Do not choose a dashboard if none is chosen' }
          }
        }
      },
      execute: async args => {
        if (args.quiet !== true) {
          await chooseSource(dashboards, clusters, trans);
        }
        const plot =
          typeof args.plot === 'string' ? args.plot : await choosePlot(dashboards, trans);
        if (plot === null) {
          return;
        }
        let widget = tracker.find(({ content }) => content.plot === plot);
        if (!widget) {
          const url = (path: string): string => connection.api.url(path);
          const content = new PlotPane({ clusters, dashboards, plot, trans, url });
          widget = new MainAreaWidget({ content });
          widget.id = `${paneId(plot)}-tab`;
          await tracker.add(widget);
        }
        showBeside(shell, labShell, widget, {
          ...(typeof args.mode === 'string' && { mode: args.mode as Mode }),
          ...(typeof args.ref === 'string' && { ref: `${paneId(args.ref)}-tab` })
        });
      }
    });

    commands.addCommand(CommandIDs.openPlotLayout, {
      label: trans.__('Open the Layout of Dask Plots'),
      caption: trans.__('Open the plots of the layout in the settings'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        await chooseSource(dashboards, clusters, trans);
        const layout = registry ? read(await registry.load(SETTINGS)).defaultLayout : [];
        for (const { command, args } of openings(layout)) {
          await commands.execute(command, { ...args, quiet: true });
        }
      }
    });

    commands.addCommand(CommandIDs.showPlots, {
      label: trans.__('Show the Plots of a Dask Cluster'),
      caption: trans.__('Show the plots of a cluster in all panes'),
      describedBy: { args: { type: 'object', properties: NAME } },
      execute: async args => {
        const wanted = { args, title: trans.__('Plots of'), fits: isLive };
        const entry = await findCluster(clusters, wanted, trans);
        if (entry) {
          dashboards.follow({ kind: 'cluster', name: entry.cluster.name });
          await commands.execute(CommandIDs.showPanel, { section: 'plots' });
        }
      }
    });

    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openPlot,
        args: ({ content }) => ({ plot: content.plot, quiet: true }),
        name: ({ content }) => content.plot
      });
    }
  }
};

export default [model, panes];
