import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, InputDialog, Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, codeIcon, stopIcon } from '@jupyterlab/ui-components';

import { canStartAgain, isLive, isOver, type NewCluster } from '../api';
import { NewClusterDialog } from '../newcluster/dialog';
import { confirmStop } from './stopcluster';
import { clusterIcon } from '../shared/icons';
import { connectCode, insertCell } from '../notebook/insertcode';
import { CommandIDs, type IClusters, type IEntry, type IFacility } from '../tokens';
import { findCluster, NAME, READING } from './findcluster';

export interface IClusterCommandOptions {
  readonly app: JupyterFrontEnd;
  readonly clusters: IClusters;
  readonly facility: IFacility;
  readonly notebooks: INotebookTracker | null;
  readonly state: IStateDB | null;
  readonly trans: TranslationBundle;
}

/** A notebook's folder below the root of Jupyter's files; the root itself if that is not known. */
function folderOf(path = ''): string {
  // A drive, as of jupyter-collaboration, comes before the path.
  return PathExt.dirname(path.replace(/^[A-Za-z]+:/, ''));
}

/** The key under which the last choice in the dialog is stored. */
const LAST = 'af-lab:new-cluster';

const COUNT = { type: 'integer', minimum: 0 } as const;

/** Add the commands that create, use, scale and stop clusters. */
export function addClusterCommands(options: IClusterCommandOptions): void {
  const { app, clusters, facility, notebooks, state, trans } = options;
  const { commands, shell } = app;

  commands.addCommand(CommandIDs.newCluster, {
    label: args => (args.isMenu ? trans.__('Dask Cluster…') : trans.__('New Dask Cluster…')),
    caption: trans.__('Start Dask workers on HTCondor'),
    icon: args => (args.isPalette ? undefined : args.isLauncher ? clusterIcon : addIcon),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => {
      const last = ((await state?.fetch(LAST)) ?? {}) as Partial<NewCluster>;
      const dialog = new NewClusterDialog({
        create: async request => {
          const cluster = await clusters.create(request);
          await state?.save(LAST, { ...request });
          return cluster;
        },
        facility,
        kernel: notebooks?.currentWidget?.sessionContext.session?.kernel?.name ?? null,
        directory: folderOf(notebooks?.currentWidget?.context.path),
        suggestion: { ...last, name: freeName(clusters.entries) },
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
      const wanted = { args, title: trans.__('Insert the code for'), fits: isLive };
      const entry = await findCluster(clusters, wanted, trans);
      if (!entry) {
        return;
      }
      const code = connectCode(entry.cluster.name);
      const isInserted = insertCell(notebooks, code, id => {
        shell.activateById(id);
      });
      if (!isInserted) {
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
    caption: trans.__('Change the number of workers'),
    describedBy: {
      args: {
        type: 'object',
        properties: { ...NAME, workers: { ...COUNT, description: 'The number of workers' } }
      }
    },
    execute: async args => {
      const wanted = { args, title: trans.__('Scale'), fits: isLive };
      const entry = await findCluster(clusters, wanted, trans);
      if (!entry) {
        return;
      }
      const { name } = entry.cluster;
      const workers =
        typeof args.workers === 'number'
          ? args.workers
          : await askForCount(trans.__('Scale %1', name), trans.__('Workers'), entry.wanted);
      if (workers !== null) {
        clusters.change(name, { workers });
      }
    }
  });

  commands.addCommand(CommandIDs.adaptCluster, {
    label: trans.__('Let a Dask Cluster Scale Itself…'),
    caption: trans.__('Scale the number of workers with the work, within limits'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          ...NAME,
          minimum: { ...COUNT, description: 'The minimum number of workers' },
          maximum: { ...COUNT, description: 'The maximum number of workers' }
        }
      }
    },
    execute: async args => {
      const wanted = { args, title: trans.__('Scale by itself'), fits: isLive };
      const entry = await findCluster(clusters, wanted, trans);
      if (!entry) {
        return;
      }
      const { name } = entry.cluster;
      const minimum = typeof args.minimum === 'number' ? args.minimum : 0;
      const maximum =
        typeof args.maximum === 'number'
          ? args.maximum
          : await askForCount(
              trans.__('Let %1 scale itself', name),
              trans.__('Maximum number of workers'),
              Math.max(entry.adapt?.maximum ?? entry.wanted, 1)
            );
      if (maximum !== null) {
        clusters.change(name, { adapt: { minimum, maximum } });
      }
    }
  });

  commands.addCommand(CommandIDs.releaseCluster, {
    label: trans.__('Start a Dask Cluster Again…'),
    caption: trans.__('Start a cluster again that is on hold or has failed'),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const wanted = { args, title: trans.__('Start again'), fits: canStartAgain };
      const entry = await findCluster(clusters, wanted, trans);
      if (entry) {
        await clusters.release(entry.cluster.name);
      }
    }
  });

  commands.addCommand(CommandIDs.stopCluster, {
    label: trans.__('Stop a Dask Cluster…'),
    caption: trans.__('Stop a cluster and all of its workers'),
    icon: args => (args.isPalette ? undefined : stopIcon),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const wanted = {
        args,
        title: trans.__('Stop'),
        fits: (state: IEntry['state']): boolean => state !== 'stopping'
      };
      const entry = await findCluster(clusters, wanted, trans);
      if (entry && (isOver(entry.state) || (await confirmStop(entry, trans)))) {
        await clusters.stop(entry.cluster.name);
      }
    }
  });
}

/** Asks the user for a number; null if the user cancels or the input is not a number. */
async function askForCount(title: string, label: string, value: number): Promise<number | null> {
  const { value: typed } = await InputDialog.getNumber({ title, label, value });
  return typed !== null && Number.isInteger(typed) && typed >= 0 ? typed : null;
}

/** The names that a new cluster cannot have; one that failed keeps its name until it is removed. */
export function takenNames(entries: readonly IEntry[]): ReadonlySet<string> {
  return new Set(
    entries.filter(({ state }) => state !== 'ended').map(({ cluster }) => cluster.name)
  );
}

/** "default", or the first of "default-2", "default-3", ... that is free. */
export function freeName(entries: readonly IEntry[]): string {
  const names = takenNames(entries);
  let name = 'default';
  for (let number = 2; names.has(name); number++) {
    name = `default-${number}`;
  }
  return name;
}
