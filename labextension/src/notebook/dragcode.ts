import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

/** The MIME type of cells in `@jupyterlab/notebook`, which does not export it. */
const CELLS = 'application/vnd.jupyter.cells';

/** Where the pointer is. */
export interface IPoint {
  readonly clientX: number;
  readonly clientY: number;
}

/**
 * Start to drag code: a cell for notebooks, text for consoles and scripts.
 *
 * @returns The result of the drop, when it is dropped.
 */
export async function startDrag(
  name: string,
  { clientX, clientY }: IPoint,
  code: string
): Promise<Drag.DropAction> {
  const mimeData = new MimeData();
  mimeData.setData(CELLS, [
    { cell_type: 'code', execution_count: null, metadata: {}, outputs: [], source: code }
  ]);
  mimeData.setData('text/plain', code);
  const dragImage = document.createElement('div');
  dragImage.className = 'jp-AfLab-drag';
  dragImage.textContent = name;
  const drag = new Drag({
    mimeData,
    dragImage,
    proposedAction: 'copy',
    supportedActions: 'copy'
  });
  const action = await drag.start(clientX, clientY);
  drag.dispose();
  return action;
}
