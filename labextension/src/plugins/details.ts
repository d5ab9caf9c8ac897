import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { addDetailsCommands } from '../details/commands';
import type { ClusterDetails } from '../details/widget';
import { IClusters } from '../tokens';
import { showBeside } from './beside';
import { IConnection } from './clusters';

const details: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:details',
  description: 'Shows the details of a Dask cluster in the main area.',
  autoStart: true,
  requires: [IConnection, IClusters],
  optional: [ILabShell, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    connection: IConnection,
    clusters: IClusters,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    const tracker = new WidgetTracker<MainAreaWidget<ClusterDetails>>({
      namespace: 'af-lab-details'
    });
    addDetailsCommands({
      app,
      api: connection.api,
      clusters,
      labShell,
      restorer,
      showBeside,
      tracker,
      trans
    });
  }
};

export default details;
