import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { TabPanel } from '@lumino/widgets';

/**
 * Show a widget beside the documents: in the main area, or, in Notebook 7, whose main area holds only one document, in
 * the tabs below it. Notebook 7.2 has no such tabs: there it is on the right.
 *
 * @param shell - The shell of the application.
 * @param lab - The same shell, if it is JupyterLab's.
 * @param options - Where to place it in the main area if it is not shown yet.
 */
export function showBeside(
  shell: JupyterFrontEnd.IShell,
  lab: ILabShell | null,
  widget: MainAreaWidget,
  options?: DocumentRegistry.IOpenOptions
): void {
  if (!widget.isAttached) {
    widget.content.toggleClass('jp-AfLab-below', !lab);
    shell.add(widget, lab ? 'main' : 'down', options);
    if (!widget.parent) {
      shell.add(widget, 'right');
    }
  }
  shell.activateById(widget.id);
  // Notebook 7 opens the tabs, but does not select this one.
  const tabs = widget.parent?.parent;
  if (tabs instanceof TabPanel) {
    tabs.currentWidget = widget;
  }
}
