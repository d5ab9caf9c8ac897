import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { freeName } from '../clusters/names';
import { READING } from '../clusters/findcluster';
import { CommandIDs, type IClusters, type IFacility } from '../tokens';
import { connectCode, LEAVE_CODE, makeCode } from './insertcode';
import type { KernelCluster } from './kernelcluster';
import { type IMenuState, type MenuAction, menuItems } from './menuitems';
import { openMenu } from './openmenu';

/** The longest wait for the server before the menu opens with what is known, in milliseconds. */
const PATIENCE = 3_000;

export interface IClusterMenuOptions {
  readonly clusters: IClusters;
  readonly facility: IFacility;
  readonly commands: CommandRegistry;
  readonly model: KernelCluster;
  /** Runs code where the kernel belongs to, in sight of the user. False: it must not be changed. */
  readonly run: (source: string) => Promise<boolean>;
  /** Asks the kernel for its client. */
  readonly ask: () => Promise<unknown>;
  readonly trans: TranslationBundle;
}

/** The menu of the button that names the cluster of a kernel. */
export class ClusterMenu {
  constructor(options: IClusterMenuOptions) {
    this._options = options;
  }

  /** Open it below the button, and do what the user chooses. */
  async open(button: HTMLElement): Promise<void> {
    const { trans } = this._options;
    const state = await this._state();
    const action = await openMenu(button, menuItems(state, trans), trans.__('Dask cluster'));
    if (action) {
      void this._do(action);
    }
  }

  private async _state(): Promise<IMenuState> {
    const { clusters, facility, model } = this._options;
    // The list may be old while the panel is hidden.
    const answers = Promise.all([facility.about().catch(() => null), clusters.refresh()]);
    const late = new Promise<null>(resolve => setTimeout(resolve, PATIENCE, null));
    const root = await Promise.race([answers.then(([about]) => about), late]);
    const { entries, trouble } = clusters;
    const proposal = root && { name: freeName(entries), workers: root.defaults.workers };
    return { client: model.client, entry: model.entry, entries, proposal, trouble };
  }

  private async _do(action: MenuAction): Promise<void> {
    const { commands } = this._options;
    switch (action.do) {
      case 'plots':
        await this._showPlots();
        break;
      case 'details':
        await commands.execute(CommandIDs.showDetails, { name: action.name });
        break;
      case 'connect':
        await this._run(connectCode(action.name));
        break;
      case 'make':
        await this._run(makeCode(action.name, action.workers));
        break;
      case 'configure': {
        const name: unknown = await commands.execute(CommandIDs.newCluster);
        if (typeof name === 'string') {
          await this._run(connectCode(name));
        }
        break;
      }
      case 'leave':
        await this._run(LEAVE_CODE);
    }
  }

  private async _showPlots(): Promise<void> {
    const { commands, model } = this._options;
    const name = model.client?.cluster;
    await (typeof name === 'string'
      ? commands.execute(CommandIDs.showPlots, { name })
      : commands.execute(CommandIDs.findClient));
  }

  private async _run(source: string): Promise<void> {
    const { ask, run, trans } = this._options;
    if (await run(source)) {
      await ask();
    } else {
      Notification.info(
        trans.__('This notebook cannot be changed. Connect in a copy of it, or in a console.'),
        { autoClose: READING }
      );
    }
  }

  private readonly _options: IClusterMenuOptions;
}
