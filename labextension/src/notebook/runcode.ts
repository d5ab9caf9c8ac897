import type { ISessionContextDialogs } from '@jupyterlab/apputils';
import type { ConsolePanel } from '@jupyterlab/console';
import { type Notebook, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import { isEmptyCode } from './insertcode';

/**
 * Run code in a new cell of a notebook: above the active cell if that is empty, or else below it.
 *
 * @param dialogs - Of the session, as for a cell that the user runs.
 * @returns False if the notebook must not be changed; otherwise true, when the cell has run.
 */
export async function runInNotebook(
  { content: notebook, sessionContext }: NotebookPanel,
  source: string,
  dialogs?: ISessionContextDialogs
): Promise<boolean> {
  const { model } = notebook;
  if (!model || model.readOnly) {
    return false;
  }
  const { index, after } = placeFor(notebook);
  model.sharedModel.insertCell(index, { cell_type: 'code', metadata: { trusted: true }, source });
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  void notebook.scrollToItem(index, 'smart');
  const ended = NotebookActions.run(notebook, sessionContext, dialogs);
  // By now the cell is on its way to the kernel.
  notebook.activeCellIndex = after;
  await ended;
  return true;
}

/** Run code in a console, which shows it as a cell. Returns true when it has run. */
export async function runInConsole({ console }: ConsolePanel, source: string): Promise<boolean> {
  await console.inject(source);
  return true;
}

/** Where the new cell is placed, and which cell is active afterwards. */
function placeFor({ activeCell, activeCellIndex }: Notebook): { index: number; after: number } {
  if (activeCell && isEmptyCode(activeCell.model)) {
    return { index: activeCellIndex, after: activeCellIndex + 1 };
  }
  const index = activeCellIndex + 1;
  return { index, after: index };
}
