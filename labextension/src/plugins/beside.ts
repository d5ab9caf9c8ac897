import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { TabPanel } from '@lumino/widgets';

/**
 * Show a widget beside the documents: in the main area, or in the tabs below it, as Notebook 7's holds one document alone.
 *
 * @param shell - The application's.
 * @param lab - The same, if it is JupyterLab's.
 * @param options - Where it goes in the main area if it is not shown yet.
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
  }
  shell.activateById(widget.id);
  // Notebook 7 shows the tabs, but not this one of them.
  const tabs = widget.parent?.parent;
  if (tabs instanceof TabPanel) {
    tabs.currentWidget = widget;
  }
}
