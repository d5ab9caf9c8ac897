import type { INotebookTracker, Notebook } from '@jupyterlab/notebook';

/** The code that connects a notebook to a cluster. */
export function connectCode(name: string): string {
  return codeFor(`connect(${JSON.stringify(name)})`);
}

/** The code that makes a cluster, and connects to it. */
export function makeCode(name: string, workers: number): string {
  return codeFor(`cluster(${JSON.stringify(name)}, workers=${workers})`);
}

/** The code that closes the client, whatever its name is; the cluster continues. */
export const LEAVE_CODE = [
  'from distributed import default_client',
  '',
  'default_client().close()'
].join('\n');

/**
 * Write code into the active cell of the current notebook if it is empty, or else into a new cell below it.
 *
 * The cell becomes the active one and is scrolled into view.
 *
 * @param show - Brings the notebook's widget with an id to the front.
 * @returns Whether there is a notebook for it.
 */
export function insertCell(
  tracker: INotebookTracker | null,
  source: string,
  show: (id: string) => void
): boolean {
  const panel = tracker?.currentWidget;
  const notebook = panel?.content;
  if (!panel || !notebook?.model || notebook.model.readOnly) {
    return false;
  }
  const { activeCell, activeCellIndex } = notebook;
  const isFree = activeCell !== null && isEmptyCode(activeCell.model);
  const index = !activeCell || isFree ? Math.max(0, activeCellIndex) : activeCellIndex + 1;
  if (isFree) {
    activeCell.model.sharedModel.setSource(source);
  } else {
    notebook.model.sharedModel.insertCell(index, {
      cell_type: 'code',
      metadata: { trusted: true },
      source
    });
  }
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  show(panel.id);
  void notebook.scrollToItem(index, 'smart');
  return true;
}

export function isEmptyCode(cell: NonNullable<Notebook['activeCell']>['model']): boolean {
  return (
    cell.type === 'code' &&
    cell.sharedModel.getSource().trim() === '' &&
    cell.getMetadata('editable') !== false
  );
}

function codeFor(call: string): string {
  return ['import af_lab', '', `cluster = af_lab.${call}`, 'client = cluster.get_client()'].join(
    '\n'
  );
}
