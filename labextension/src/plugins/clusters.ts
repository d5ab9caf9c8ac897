import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Token } from '@lumino/coreutils';

import { Api, type IApi } from '../api';
import { ClustersModel } from '../model/clusters';
import { FacilityModel } from '../model/facility';
import { Feed } from '../model/feed';
import { RunsModel } from '../model/runs';
import { IClusters, IFacility, IRuns } from '../tokens';

/** The connection to the server, for use within this extension only. */
export interface IConnection {
  readonly api: IApi;
  readonly feed: Feed;
}

export const IConnection = new Token<IConnection>(
  'af-lab:IConnection',
  'The connection to the server extension of the analysis facility.'
);

const connection: JupyterFrontEndPlugin<IConnection> = {
  id: 'af-lab:connection',
  description: 'Connects to the server extension of the analysis facility.',
  autoStart: true,
  provides: IConnection,
  activate: (app: JupyterFrontEnd): IConnection => {
    const api = new Api(app.serviceManager.serverSettings);
    return { api, feed: new Feed(api) };
  }
};

const clusters: JupyterFrontEndPlugin<IClusters> = {
  id: 'af-lab:clusters',
  description: 'Provides the Dask clusters of the user on the analysis facility.',
  autoStart: true,
  requires: [IConnection],
  provides: IClusters,
  activate: (_: JupyterFrontEnd, connection: IConnection): IClusters =>
    new ClustersModel(connection.api, connection.feed)
};

const facility: JupyterFrontEndPlugin<IFacility> = {
  id: 'af-lab:facility',
  description: 'Provides what the analysis facility offers.',
  autoStart: true,
  requires: [IConnection],
  provides: IFacility,
  activate: (_: JupyterFrontEnd, connection: IConnection): IFacility =>
    new FacilityModel(connection.api, connection.feed)
};

const runs: JupyterFrontEndPlugin<IRuns> = {
  id: 'af-lab:runs',
  description: 'Provides the runs of the user on the analysis facility.',
  autoStart: true,
  requires: [IConnection],
  provides: IRuns,
  activate: (_: JupyterFrontEnd, connection: IConnection): IRuns =>
    new RunsModel(connection.api, connection.feed)
};

export default [connection, clusters, facility, runs];
