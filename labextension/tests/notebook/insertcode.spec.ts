import type { INotebookTracker } from '@jupyterlab/notebook';

import { connectCode, insertCell } from '../../src/notebook/insertcode';

const CODE = `import af_lab

cluster = af_lab.connect("dimuon")
client = cluster.get_client()`;

/** A tracker whose current notebook has two cells, the first of them active. */
function track(readOnly = false): { tracker: INotebookTracker; sources: string[] } {
  const sources = ['first', 'second'];
  const sharedModel = {
    insertCell: (index: number, cell: { source: string }) => sources.splice(index, 0, cell.source)
  };
  const content = {
    activeCell: {},
    activeCellIndex: 0,
    deselectAll: jest.fn(),
    model: { readOnly, sharedModel }
  };
  const tracker = { currentWidget: { id: 'notebook', content } } as unknown as INotebookTracker;
  return { tracker, sources };
}

describe('insertCell', () => {
  it('puts the code below the active cell and makes it the active one', () => {
    const { tracker, sources } = track();
    expect(insertCell(tracker, connectCode('dimuon'))).toBe('notebook');
    expect(sources).toEqual(['first', CODE, 'second']);
    expect(tracker.currentWidget?.content.activeCellIndex).toBe(1);
  });

  it('leaves a notebook alone that must not change', () => {
    const { tracker, sources } = track(true);
    expect(insertCell(tracker, CODE)).toBeNull();
    expect(sources).toEqual(['first', 'second']);
  });

  it('says when there is no notebook', () => {
    expect(insertCell(null, CODE)).toBeNull();
    expect(insertCell({ currentWidget: null } as INotebookTracker, CODE)).toBeNull();
  });
});
