import type { INotebookTracker } from '@jupyterlab/notebook';

import { connectCode, insertCell } from '../../src/notebook/insertcode';

const CODE = `import af_lab

cluster = af_lab.connect("dimuon")
client = cluster.get_client()`;

interface INotebookParts {
  readonly readOnly?: boolean;
  readonly sources?: string[];
  readonly type?: string;
  readonly isEditable?: boolean;
}

/** A tracker whose current notebook has two cells unless told otherwise, the first of them active. */
function track({
  readOnly = false,
  sources = ['first', 'second'],
  type = 'code',
  isEditable = true
}: INotebookParts = {}): {
  tracker: INotebookTracker;
  sources: string[];
  scrollToItem: jest.Mock;
} {
  const sharedModel = {
    insertCell: (index: number, cell: { source: string }) => sources.splice(index, 0, cell.source)
  };
  const activeCell = {
    model: {
      type,
      getMetadata: () => isEditable,
      sharedModel: {
        getSource: () => sources[0],
        setSource: (source: string) => (sources[0] = source)
      }
    }
  };
  const scrollToItem = jest.fn(() => Promise.resolve());
  const content = {
    activeCell: sources.length > 0 ? activeCell : null,
    activeCellIndex: sources.length > 0 ? 0 : -1,
    deselectAll: jest.fn(),
    model: { readOnly, sharedModel },
    scrollToItem
  };
  const tracker = { currentWidget: { id: 'notebook', content } } as unknown as INotebookTracker;
  return { tracker, sources, scrollToItem };
}

describe('insertCell', () => {
  const show = jest.fn<unknown, [string]>();

  beforeEach(() => {
    show.mockClear();
  });

  it('puts the code below the active cell and makes it the active one', () => {
    const { tracker, sources } = track();
    expect(insertCell(tracker, connectCode('dimuon'), show)).toBe(true);
    expect(sources).toEqual(['first', CODE, 'second']);
    expect(tracker.currentWidget?.content.activeCellIndex).toBe(1);
  });

  it('shows the notebook and scrolls to the cell', () => {
    const { tracker, scrollToItem } = track();
    insertCell(tracker, CODE, show);
    expect(show).toHaveBeenCalledWith('notebook');
    expect(scrollToItem).toHaveBeenCalledWith(1, 'smart');
  });

  it.each([
    ['fills the empty cell of a fresh notebook', { sources: [''] }, [CODE], 0],
    ['fills an empty active cell', { sources: [' \n', 'second'] }, [CODE, 'second'], 0],
    ['does not write code into a text cell', { sources: [''], type: 'markdown' }, ['', CODE], 1],
    ['does not write into a locked cell', { sources: [''], isEditable: false }, ['', CODE], 1],
    ['puts the code into a notebook without cells', { sources: [] }, [CODE], 0]
  ])('%s', (_, parts, expected, index) => {
    const { tracker, sources, scrollToItem } = track(parts);
    insertCell(tracker, CODE, show);
    expect(sources).toEqual(expected);
    expect(tracker.currentWidget?.content.activeCellIndex).toBe(index);
    expect(scrollToItem).toHaveBeenCalledWith(index, 'smart');
  });

  it('leaves a notebook alone that must not change', () => {
    const { tracker, sources } = track({ readOnly: true });
    expect(insertCell(tracker, CODE, show)).toBe(false);
    expect(sources).toEqual(['first', 'second']);
  });

  it('says when there is no notebook', () => {
    expect(insertCell(null, CODE, show)).toBe(false);
    expect(insertCell({ currentWidget: null } as INotebookTracker, CODE, show)).toBe(false);
    expect(show).not.toHaveBeenCalled();
  });
});
