import { Drag } from '@lumino/dragdrop';

import { startDrag } from '../../src/notebook/dragcode';

it('drags code as a cell and as text', async () => {
  const data = new Map<string, unknown>();
  const start = jest.spyOn(Drag.prototype, 'start').mockImplementation(function (this: Drag) {
    this.mimeData.types().forEach(type => data.set(type, this.mimeData.getData(type)));
    return Promise.resolve('copy');
  });
  expect(await startDrag('dimuon', { clientX: 3, clientY: 4 }, 'x = 1')).toBe('copy');
  expect(start).toHaveBeenCalledWith(3, 4);
  expect(Object.fromEntries(data)).toEqual({
    'application/vnd.jupyter.cells': [
      { cell_type: 'code', execution_count: null, metadata: {}, outputs: [], source: 'x = 1' }
    ],
    'text/plain': 'x = 1'
  });
  const drag = start.mock.instances[0] as unknown as Drag;
  expect(drag.dragImage?.textContent).toBe('dimuon');
  expect([drag.proposedAction, drag.supportedActions]).toEqual(['copy', 'copy']);
  expect(drag.isDisposed).toBe(true);
});
