import type { INotebookTracker } from '@jupyterlab/notebook';

/** The code that connects a notebook to a cluster. */
export function connectCode(name: string): string {
  return [
    'import af_lab',
    '',
    `cluster = af_lab.connect(${JSON.stringify(name)})`,
    'client = cluster.get_client()'
  ].join('\n');
}

/**
 * Insert a cell below the active one of the current notebook.
 *
 * @returns The id of the notebook's widget; null if there is no notebook for it.
 */
export function insertCell(tracker: INotebookTracker | null, source: string): string | null {
  const panel = tracker?.currentWidget;
  const notebook = panel?.content;
  if (!panel || !notebook?.model || notebook.model.readOnly) {
    return null;
  }
  const index = notebook.activeCell ? notebook.activeCellIndex + 1 : 0;
  notebook.model.sharedModel.insertCell(index, {
    cell_type: 'code',
    metadata: { trusted: true },
    source
  });
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  return panel.id;
}
