import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { IClusters, IEntry, IFacility } from '../tokens';
import type { ICardActions } from './card';

export interface ICardMenuOptions {
  readonly clusters: IClusters;
  readonly commands: CommandRegistry;
  readonly facility: IFacility;
  readonly trans: TranslationBundle;
}

/** The actions that open the menus of a card. The menus are loaded when the first one is opened. */
export function cardMenus(
  options: ICardMenuOptions
): Pick<ICardActions, 'openMenu' | 'openChoices'> {
  const { clusters, commands, facility, trans } = options;
  const find = (name: string): IEntry | undefined =>
    clusters.entries.find(({ cluster }) => cluster.name === name);
  return {
    openMenu: (name, button) => {
      void import('./cardmenu').then(({ openCardMenu }) => {
        const entry = find(name);
        if (entry) {
          openCardMenu(commands, entry, button, trans);
        }
      });
    },
    openChoices: (name, button) => {
      void import('./quickchoices').then(({ openQuickChoices }) => {
        const entry = find(name);
        if (entry) {
          const change: Parameters<typeof openQuickChoices>[0]['change'] = wanted => {
            clusters.change(name, wanted);
          };
          openQuickChoices({ entry, facility, change, trans }, button);
        }
      });
    }
  };
}
