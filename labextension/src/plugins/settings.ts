import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { NewCluster } from '../api';
import type { IPlaced } from '../dashboards/layout';

/** Where the settings of this extension stand: the plugin of this id has the schema. */
export const SETTINGS = 'af-lab:plugin';

/** What the user set; `schema/plugin.json` says what each is for. */
export interface ISettings {
  readonly autoStartClient: boolean;
  readonly defaultLayout: readonly IPlaced[];
  readonly defaultURL: string;
  readonly hideClusterManager: boolean;
  readonly initialClusters: readonly NewCluster[];
}

/** The settings at this moment; the schema has checked them and knows their defaults. */
export function read(settings: ISettingRegistry.ISettings): ISettings {
  return settings.composite as unknown as ISettings;
}
