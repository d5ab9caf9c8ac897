import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, InputDialog, Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, codeIcon, stopIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { type ClusterState, isLive, isOver } from './api';
import { chooseCluster } from './dialogs/choosecluster';
import { NewClusterDialog } from './dialogs/newcluster';
import { confirmStop } from './dialogs/stopcluster';
import { connectCode, insertCell } from './insertcode';
import { CommandIDs, type IClusters, type IEntry } from './tokens';
import { explain } from './words';

export interface ICommandOptions {
  readonly app: JupyterFrontEnd;
  readonly clusters: IClusters;
  readonly notebooks: INotebookTracker | null;
  readonly trans: TranslationBundle;
}

const NAME = { name: { type: 'string', description: 'The name of the cluster' } } as const;

/** How long a notification stays, in milliseconds. */
const READING = 8_000;

/** Add the commands that create, use, scale and stop clusters. */
export function addCommands({ app, clusters, notebooks, trans }: ICommandOptions): void {
  const { commands, shell } = app;

  /** The cluster meant by the arguments, or the one the user chooses; null, and a word about it: there is none. */
  const find = async (
    { name }: ReadonlyPartialJSONObject,
    title: string,
    fits: (state: ClusterState) => boolean
  ): Promise<IEntry | null> => {
    const candidates = (): IEntry[] =>
      clusters.entries.filter(
        ({ cluster, state }) => fits(state) && (name === undefined || name === cluster.name)
      );
    if (name === undefined || candidates().length === 0) {
      // Nothing is known, or something old, while nobody looks at the panel.
      await clusters.refresh();
      if (clusters.trouble) {
        const { title: what, text } = explain(clusters.trouble, trans);
        Notification.error(`${what}. ${text}`);
        return null;
      }
    }
    if (candidates().length === 0) {
      Notification.info(trans.__('There is no cluster to do this with.'), { autoClose: READING });
      return null;
    }
    return chooseCluster(candidates(), title, trans);
  };

  commands.addCommand(CommandIDs.newCluster, {
    label: args => (args.isMenu ? trans.__('Dask Cluster…') : trans.__('New Dask Cluster…')),
    caption: trans.__('Start Dask workers on HTCondor'),
    icon: args => (args.isPalette ? undefined : addIcon),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => {
      const dialog = new NewClusterDialog({
        create: request => clusters.create(request),
        suggestion: { name: freeName(clusters.entries), workers: 2 },
        trans
      });
      await dialog.launch();
    }
  });

  commands.addCommand(CommandIDs.insertCode, {
    label: trans.__('Insert Code for a Dask Cluster'),
    caption: trans.__('Insert a cell that connects to a cluster'),
    icon: args => (args.isPalette ? undefined : codeIcon),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const entry = await find(args, trans.__('Insert the code for'), isLive);
      if (!entry) {
        return;
      }
      const code = connectCode(entry.cluster.name);
      const notebook = insertCell(notebooks, code);
      if (notebook) {
        shell.activateById(notebook);
      } else {
        Clipboard.copyToSystem(code);
        Notification.info(
          trans.__('No notebook is open. The code is on the clipboard: paste it into a cell.'),
          { autoClose: READING }
        );
      }
    }
  });

  commands.addCommand(CommandIDs.scaleCluster, {
    label: trans.__('Scale a Dask Cluster…'),
    caption: trans.__('Ask for another number of workers'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          ...NAME,
          workers: { type: 'integer', minimum: 0, description: 'How many workers are wanted' }
        }
      }
    },
    execute: async args => {
      const entry = await find(args, trans.__('Scale'), isLive);
      if (!entry) {
        return;
      }
      const { name } = entry.cluster;
      if (typeof args.workers === 'number') {
        clusters.scale(name, args.workers);
        return;
      }
      const { value } = await InputDialog.getNumber({
        title: trans.__('Scale %1', name),
        label: trans.__('Workers'),
        value: entry.wanted
      });
      if (value !== null && Number.isInteger(value) && value >= 0) {
        clusters.scale(name, value);
      }
    }
  });

  commands.addCommand(CommandIDs.stopCluster, {
    label: trans.__('Stop a Dask Cluster…'),
    caption: trans.__('End a cluster and all of its workers'),
    icon: args => (args.isPalette ? undefined : stopIcon),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const entry = await find(args, trans.__('Stop'), state => state !== 'stopping');
      if (entry && (isOver(entry.state) || (await confirmStop(entry, trans)))) {
        await clusters.stop(entry.cluster.name);
      }
    }
  });
}

/** "default", or the first of "default-2", "default-3", ... that is free. */
export function freeName(entries: readonly IEntry[]): string {
  const names = new Set(
    entries.filter(entry => !isOver(entry.state)).map(entry => entry.cluster.name)
  );
  let name = 'default';
  for (let number = 2; names.has(name); number++) {
    name = `default-${number}`;
  }
  return name;
}
