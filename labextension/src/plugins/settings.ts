import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { NewCluster } from '../api';
import type { IPlaced } from '../dashboards/placement';
import type { NewsKind } from '../news/record';

/** The id of the plugin whose schema has the settings of this extension. */
export const SETTINGS = 'af-lab:plugin';

/** What the user set; `schema/plugin.json` says what each is for. */
export interface ISettings {
  readonly autoStartClient: boolean;
  readonly defaultLayout: readonly IPlaced[];
  readonly defaultURL: string;
  readonly hideClusterManager: boolean;
  readonly initialClusters: readonly NewCluster[];
  readonly notifications: Readonly<Partial<Record<NewsKind, boolean>>>;
  readonly welcome: boolean;
}

/** The present settings; the schema has validated them and added the defaults. */
export function read(settings: ISettingRegistry.ISettings): ISettings {
  return settings.composite as unknown as ISettings;
}
