import { Clipboard, InputDialog, Notification } from '@jupyterlab/apputils';
import { codeIcon, stopIcon } from '@jupyterlab/ui-components';

import { canRunAgain, isLive, isOver } from '../api';
import { confirmStop } from './stopcluster';
import { connectCode, insertCell } from '../notebook/insertcode';
import { CommandIDs, type IEntry } from '../tokens';
import { addNewClusterCommands, type INewClusterCommandOptions } from './newclustercommands';
import { addSharingCommands } from './sharingcommands';
import { startAgain } from './startagain';
import { stopAll } from './stopall';
import { findCluster, NAME, READING } from './findcluster';

const COUNT = { type: 'integer', minimum: 0 } as const;

/** Add the commands that create, use, scale and stop clusters. */
export function addClusterCommands(options: INewClusterCommandOptions): void {
  const { app, clusters, notebooks, trans } = options;
  const { commands, shell } = app;

  addNewClusterCommands(options);
  addSharingCommands({ clusters, commands, trans });

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
    caption: trans.__('Start a cluster again that is on hold, has failed or has ended'),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const wanted = { args, title: trans.__('Start again'), fits: canRunAgain };
      const entry = await findCluster(clusters, wanted, trans);
      if (entry) {
        await startAgain(entry, clusters, trans);
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

  commands.addCommand(CommandIDs.stopAll, {
    label: trans.__('Stop All Dask Clusters…'),
    caption: trans.__('Stop all clusters and all of their workers'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => stopAll(clusters, trans)
  });
}

/** Asks the user for a number; null if the user cancels or the input is not a number. */
async function askForCount(title: string, label: string, value: number): Promise<number | null> {
  const { value: typed } = await InputDialog.getNumber({ title, label, value });
  return typed !== null && Number.isInteger(typed) && typed >= 0 ? typed : null;
}
