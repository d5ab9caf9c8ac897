import type { ILabShell, ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IApi } from '../api';
import { findCluster, NAME } from '../clusters/findcluster';
import { CommandIDs, type IClusters, type IEntry } from '../tokens';
import type { IShareActions } from './sharebuttons';
import type { ClusterDetails } from './widget';

export interface IDetailsCommandOptions {
  readonly app: JupyterFrontEnd;
  readonly api: IApi;
  readonly clusters: IClusters;
  readonly labShell: ILabShell | null;
  readonly restorer: ILayoutRestorer | null;
  /** Shows a widget beside the documents. */
  readonly showBeside: (
    shell: JupyterFrontEnd.IShell,
    lab: ILabShell | null,
    widget: MainAreaWidget
  ) => void;
  /** The details that are open. */
  readonly tracker: WidgetTracker<MainAreaWidget<ClusterDetails>>;
  readonly trans: TranslationBundle;
}

/** Add the commands that show the details of a cluster, and save them. */
export function addDetailsCommands(options: IDetailsCommandOptions): void {
  const { app, api, clusters, labShell, restorer, showBeside, tracker, trans } = options;
  const { commands, shell } = app;
  const chosen = async (name: unknown, title: string): Promise<IEntry | null> => {
    const args = typeof name === 'string' ? { name } : {};
    return findCluster(clusters, { args, title, fits: (): boolean => true }, trans);
  };
  const share = shareActions(app);

  commands.addCommand(CommandIDs.showDetails, {
    label: trans.__('Show Details of a Dask Cluster'),
    caption: trans.__('Show its jobs, history and logs'),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const name =
        args.restored === true && typeof args.name === 'string'
          ? args.name
          : (await chosen(args.name, trans.__('Details of')))?.cluster.name;
      if (name === undefined) {
        return;
      }
      const { ClusterDetails } = await import('./widget');
      const open = tracker.find(({ content }) => content.name === name);
      if (open) {
        showBeside(shell, labShell, open);
        return;
      }
      const content = new ClusterDetails({ api, clusters, name, share, trans });
      const widget = new MainAreaWidget({ content });
      widget.id = `${content.id}-tab`;
      await tracker.add(widget);
      showBeside(shell, labShell, widget);
    }
  });

  commands.addCommand(CommandIDs.saveDetails, {
    label: args =>
      args.isCard
        ? trans.__('Save details as HTML')
        : trans.__('Save Details of a Dask Cluster as HTML'),
    caption: trans.__('Save reasons, time line, workers and logs as one file'),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const entry = await chosen(args.name, trans.__('Save the details of'));
      if (entry) {
        const { saveReport } = await import('./savereport');
        await saveReport(api, entry, trans);
      }
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

function shareActions({ commands }: JupyterFrontEnd): IShareActions {
  return {
    copyPython: name => void commands.execute(CommandIDs.copyPython, { name }),
    copyCommand: name => void commands.execute(CommandIDs.copyCommand, { name }),
    save: name => void commands.execute(CommandIDs.saveDetails, { name })
  };
}
