import { Notification } from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type PartialJSONArray, Token } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';

import type { NewCluster } from '../api';
import type { IEntry } from '../tokens';
import { READING } from './findcluster';
import { requestLike, variablesOf } from './likeness';

/** The clusters that come up with JupyterLab, for use within this extension only. */
export interface IPins {
  /** Emitted when other clusters are pinned. */
  readonly changed: ISignal<unknown, void>;
  isPinned(name: string): boolean;
}

export const IPins = new Token<IPins>(
  'af-lab:IPins',
  'The Dask clusters that come up with JupyterLab.'
);

/** The setting that lists them. */
const SETTING = 'initialClusters';

/** The pinned clusters, kept in the user's settings. None is pinned before these are loaded. */
export class Pins implements IPins {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Take the settings, once they are loaded. */
  use(settings: ISettingRegistry.ISettings): void {
    this._settings = settings;
    settings.changed.connect(() => {
      this._changed.emit();
    });
    this._changed.emit();
  }

  isPinned(name: string): boolean {
    return this._requests.some(request => request.name === name);
  }

  /** Pin a cluster with its specification, or unpin it, and notify the user of what that means. */
  async toggle({ cluster }: IEntry, trans: TranslationBundle): Promise<void> {
    const { name } = cluster;
    const others = this._requests.filter(request => request.name !== name);
    const isPinned = others.length < this._requests.length;
    const requests = isPinned ? others : [...others, requestLike(cluster)];
    await this._settings?.set(SETTING, requests as unknown as PartialJSONArray);
    if (!isPinned) {
      const variables = variablesOf(cluster);
      const lost =
        variables.length === 0
          ? ''
          : trans.__('Its environment variables (%1) are not kept.', variables.join(', '));
      Notification.success(
        `${trans.__('%1 comes up with JupyterLab from now on, if it does not run then.', name)} ${lost}`.trim(),
        { autoClose: READING }
      );
    }
  }

  private get _requests(): readonly NewCluster[] {
    return (this._settings?.composite[SETTING] ?? []) as unknown as readonly NewCluster[];
  }

  private readonly _changed = new Signal<this, void>(this);
  private _settings: ISettingRegistry.ISettings | null = null;
}
