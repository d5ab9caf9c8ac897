import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

/** As `@jupyterlab/notebook` has it, which does not export it. */
const CELLS = 'application/vnd.jupyter.cells';

/** Where the pointer is. */
export interface IPoint {
  readonly clientX: number;
  readonly clientY: number;
}

/**
 * Have the user drag code: into a notebook as a cell, into consoles and scripts as text.
 *
 * @returns Settled when it is dropped, with what became of it.
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
