import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { isLive } from '../api';
import { concern } from '../shared/concern';
import { openBelow } from '../shared/openbelow';
import { CommandIDs, type IEntry } from '../tokens';

/** The commands of a cluster's menu, in groups. */
export function menuCommands(entry: IEntry): string[][] {
  const isStuck = concern(entry) === 'never';
  return [
    [
      ...(isStuck ? [CommandIDs.askForWhatFits] : []),
      CommandIDs.copyCluster,
      CommandIDs.pinCluster
    ],
    [CommandIDs.copyPython, CommandIDs.copyCommand],
    [CommandIDs.saveDetails, ...(isLive(entry.state) ? [CommandIDs.copyDashboard] : [])]
  ];
}

/** Open the menu of a cluster below a button, and return it. */
export function openCardMenu(
  commands: CommandRegistry,
  entry: IEntry,
  button: HTMLElement,
  trans: TranslationBundle
): MenuSvg {
  const { name } = entry.cluster;
  const menu = new MenuSvg({ commands });
  menu.addClass('jp-AfLab-menu');
  menu.node.setAttribute('aria-label', trans.__('More for %1', name));
  for (const [place, group] of menuCommands(entry).entries()) {
    if (place > 0) {
      menu.addItem({ type: 'separator' });
    }
    for (const command of group.filter(id => commands.hasCommand(id))) {
      menu.addItem({ command, args: { name, isCard: true } });
    }
  }
  openBelow(menu, button);
  return menu;
}
