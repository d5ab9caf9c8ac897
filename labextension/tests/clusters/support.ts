/** What the tests of the clusters' commands share. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import type { Cluster } from '../../src/api';
import { addClusterCommands } from '../../src/clusters/commands';
import { cluster, SetClusters, SetFacility } from '../support';

export const trans = nullTranslator.load('af_lab');

/** JupyterLab with the commands of the clusters, and nothing else. */
export class CommandsAlone {
  readonly clusters = new SetClusters();
  readonly facility = new SetFacility();
  readonly commands = new CommandRegistry();
  readonly notified: string[] = [];
  readonly copied = jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();

  constructor() {
    Notification.manager.changed.connect(this._onNotified, this);
    const app = { commands: this.commands, shell: { activateById: jest.fn() } };
    addClusterCommands({
      app: app as unknown as JupyterFrontEnd,
      clusters: this.clusters,
      facility: this.facility,
      notebooks: null,
      state: null,
      trans
    });
  }

  dispose(): void {
    Notification.manager.changed.disconnect(this._onNotified, this);
    Notification.dismiss();
  }

  private _onNotified(_: unknown, { type, notification }: Notification.IChange): void {
    if (type === 'added') {
      this.notified.push(notification.message);
    }
  }
}

/** A cluster with a specification of its own. */
export function special(
  spec: Partial<Cluster['spec']>,
  more: Partial<Omit<Cluster, 'spec' | 'counts'>> = {}
): Omit<Cluster, 'counts'> {
  const usual = cluster(more);
  return { ...usual, spec: { ...usual.spec, ...spec } };
}
