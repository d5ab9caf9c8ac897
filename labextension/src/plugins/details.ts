import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { findCluster, NAME } from '../clusters/findcluster';
import type { ClusterDetails } from '../details/widget';
import { CommandIDs, IClusters } from '../tokens';
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
    const { api } = connection;
    const tracker = new WidgetTracker<MainAreaWidget<ClusterDetails>>({
      namespace: 'af-lab-details'
    });

    const chosen = async (name: unknown): Promise<string | null> => {
      const args = typeof name === 'string' ? { name } : {};
      const wanted = { args, title: trans.__('Details of'), fits: (): boolean => true };
      return (await findCluster(clusters, wanted, trans))?.cluster.name ?? null;
    };

    app.commands.addCommand(CommandIDs.showDetails, {
      label: trans.__('Show Details of a Dask Cluster'),
      caption: trans.__('Show its jobs, history and logs'),
      describedBy: { args: { type: 'object', properties: NAME } },
      execute: async args => {
        const { restored } = args;
        const name =
          restored === true && typeof args.name === 'string' ? args.name : await chosen(args.name);
        if (name === null) {
          return;
        }
        const { ClusterDetails } = await import('../details/widget');
        const open = tracker.find(({ content }) => content.name === name);
        if (open) {
          showBeside(app.shell, labShell, open);
          return;
        }
        const content = new ClusterDetails({ api, clusters, name, trans });
        const widget = new MainAreaWidget({ content });
        widget.id = `${content.id}-tab`;
        await tracker.add(widget);
        showBeside(app.shell, labShell, widget);
      }
    });

    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.showDetails,
        args: ({ content }) => ({ name: content.name, restored: true }),
        name: ({ content }) => content.name
      });
    }
  }
};

export default details;
