import type { Menu } from '@lumino/widgets';

/** Open a menu below a button, which has the focus again if the user leaves the menu. It is disposed of then. */
export function openBelow(menu: Menu, button: HTMLElement): void {
  menu.aboutToClose.connect(() => {
    // The menu executes the command after it is closed.
    setTimeout(() => {
      menu.dispose();
      if (document.activeElement === document.body) {
        button.focus();
      }
    });
  });
  const { left, bottom } = button.getBoundingClientRect();
  menu.open(left, bottom);
}
