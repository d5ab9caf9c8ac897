import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { addPlotCommands, argsOf } from '../dashboards/commands';
import { followAtStart } from '../dashboards/follow';
import { DashboardsModel } from '../dashboards/model';
import { PlotPanes } from '../dashboards/panes';
import { read, SETTINGS } from './settings';
import { CommandIDs, IClusters, IDashboards } from '../tokens';
import { showBeside } from './beside';
import { IConnection } from './clusters';

const model: JupyterFrontEndPlugin<IDashboards> = {
  id: 'af-lab:dashboards',
  description: 'Provides the Dask dashboards whose plots are shown.',
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
    void Promise.resolve(registry?.load(SETTINGS)).then(loaded =>
      followAtStart(dashboards, loaded ? read(loaded).defaultURL : '', state)
    );
    return dashboards;
  }
};

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
    const { baseUrl } = app.serviceManager.serverSettings;
    const trans = (translator ?? nullTranslator).load('af_lab');
    const panes = new PlotPanes({
      clusters,
      dashboards,
      show: (widget, place) => {
        showBeside(shell, labShell, widget, place);
      },
      trans,
      url: path => connection.api.url(path)
    });
    addPlotCommands({
      baseUrl,
      clusters,
      commands,
      dashboards,
      main: async () => (registry ? read(await registry.load(SETTINGS)).defaultLayout : []),
      panes,
      trans
    });
    void restorer?.restore(panes.tracker, {
      command: CommandIDs.openPlot,
      args: ({ content: { plot, source } }) => ({ plot, ...argsOf(source) }),
      name: ({ content }) => content.id
    });
  }
};

export default [model, panes];
