import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs, type IClusters } from '../tokens';
import { findCluster, NAME } from './findcluster';
import type { Pins } from './pins';

export interface IPinCommandOptions {
  readonly clusters: IClusters;
  readonly commands: CommandRegistry;
  readonly pins: Pins;
  readonly trans: TranslationBundle;
}

/** Add the command that has a cluster come up with JupyterLab, or no longer. */
export function addPinCommand({ clusters, commands, pins, trans }: IPinCommandOptions): void {
  commands.addCommand(CommandIDs.pinCluster, {
    label: args =>
      args.isCard
        ? trans.__('Start with JupyterLab')
        : trans.__('Start a Dask Cluster with JupyterLab…'),
    caption: trans.__('Create this cluster when JupyterLab starts, if it does not run then'),
    describedBy: { args: { type: 'object', properties: NAME } },
    isToggleable: true,
    isToggled: ({ name }) => typeof name === 'string' && pins.isPinned(name),
    execute: async args => {
      const title = trans.__('Start with JupyterLab');
      const entry = await findCluster(clusters, { args, title, fits: () => true }, trans);
      if (entry) {
        await pins.toggle(entry, trans);
      }
    }
  });
  pins.changed.connect(() => {
    commands.notifyCommandChanged(CommandIDs.pinCluster);
  });
}
