import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';

import type { IMenuItem, MenuAction } from './menuitems';

/**
 * Open a menu below a button, which has the focus again if the user closes the menu.
 *
 * @returns What was chosen, when the menu is closed; null if nothing was.
 */
export async function openMenu(
  button: HTMLElement,
  groups: readonly (readonly IMenuItem[])[],
  label: string
): Promise<MenuAction | null> {
  const commands = new CommandRegistry();
  const menu = new Menu({ commands });
  menu.addClass('jp-AfLab-menu');
  menu.contentNode.setAttribute('aria-label', label);
  return new Promise(resolve => {
    let chosen: MenuAction | null = null;
    for (const [group, items] of groups.entries()) {
      if (group > 0) {
        menu.addItem({ type: 'separator' });
      }
      for (const [index, item] of items.entries()) {
        const command = `${group}-${index}`;
        commands.addCommand(command, {
          label: item.label,
          caption: item.caption,
          describedBy: { args: { type: 'object', properties: {} } },
          isEnabled: () => item.action !== null,
          execute: () => {
            chosen = item.action;
          }
        });
        menu.addItem({ command });
      }
    }
    menu.aboutToClose.connect(() => {
      // The menu executes the command after it is closed.
      setTimeout(() => {
        menu.dispose();
        if (!chosen) {
          button.focus();
        }
        resolve(chosen);
      });
    });
    const { left, bottom } = button.getBoundingClientRect();
    menu.open(left, bottom);
  });
}
