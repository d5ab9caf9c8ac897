import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { NewCluster } from '../api';
import { CommandIDs, type IClusters } from '../tokens';
import { commandLine, pythonCode } from './copiedcode';
import { findCluster, NAME, READING } from './findcluster';
import { requestLike, variablesOf } from './likeness';

export interface ISharingCommandOptions {
  readonly clusters: IClusters;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
}

/** Add the commands that copy the code that creates a cluster. */
export function addSharingCommands({ clusters, commands, trans }: ISharingCommandOptions): void {
  const add = (
    id: string,
    { label, ofCluster, caption }: Record<'label' | 'ofCluster' | 'caption', string>,
    write: (request: NewCluster, variables: readonly string[]) => string
  ): void => {
    commands.addCommand(id, {
      label: args => (args.isCard ? ofCluster : label),
      caption,
      describedBy: { args: { type: 'object', properties: NAME } },
      execute: async args => {
        const wanted = { args, title: ofCluster, fits: (): boolean => true };
        const entry = await findCluster(clusters, wanted, trans);
        if (entry) {
          const variables = variablesOf(entry.cluster);
          Clipboard.copyToSystem(write(requestLike(entry.cluster), variables));
          Notification.success(copiedWords(entry.cluster.name, variables, trans), {
            autoClose: READING
          });
        }
      }
    });
  };
  add(
    CommandIDs.copyPython,
    {
      label: trans.__('Copy a Dask Cluster as Python'),
      ofCluster: trans.__('Copy as Python'),
      caption: trans.__('Copy the Python code that creates it')
    },
    pythonCode
  );
  add(
    CommandIDs.copyCommand,
    {
      label: trans.__('Copy a Dask Cluster as a Command'),
      ofCluster: trans.__('Copy as command'),
      caption: trans.__('Copy the command for a terminal that creates it')
    },
    commandLine
  );
}

function copiedWords(name: string, variables: readonly string[], trans: TranslationBundle): string {
  const copied = trans.__('What creates %1 is on the clipboard.', name);
  return variables.length === 0
    ? copied
    : `${copied} ${trans.__('It takes the values of %1 from the environment it runs in.', variables.join(', '))}`;
}
