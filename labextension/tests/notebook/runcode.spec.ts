import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import { runInNotebook } from '../../src/notebook/runcode';

interface INotebookParts {
  readonly active: string;
  readonly readOnly?: boolean;
}

/** A notebook of two cells, the first of them active, and what it holds afterwards. */
function notebook({ active, readOnly = false }: INotebookParts): {
  panel: NotebookPanel;
  sources: string[];
} {
  const sources = [active, 'second'];
  const sharedModel = {
    insertCell: (index: number, cell: { source: string }) => sources.splice(index, 0, cell.source)
  };
  const model = {
    type: 'code',
    getMetadata: () => undefined,
    sharedModel: { getSource: () => active }
  };
  const content = {
    activeCell: { model },
    activeCellIndex: 0,
    deselectAll: jest.fn(),
    model: { readOnly, sharedModel },
    scrollToItem: jest.fn(() => Promise.resolve())
  };
  return { panel: { content, sessionContext: {} } as unknown as NotebookPanel, sources };
}

let ran: number[];

beforeEach(() => {
  ran = [];
  jest.spyOn(NotebookActions, 'run').mockImplementation(({ activeCellIndex }) => {
    ran.push(activeCellIndex);
    return Promise.resolve(true);
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

it.each([
  ['below the active cell', 'first', ['first', 'code', 'second'], 1, 1],
  ['above an empty cell, which stays active', ' \n', ['code', ' \n', 'second'], 0, 1]
])('runs code in a new cell %s', async (_, active, expected, at, activeAfter) => {
  const { panel, sources } = notebook({ active });
  expect(await runInNotebook(panel, 'code')).toBe(true);
  expect(sources).toEqual(expected);
  expect(ran).toEqual([at]);
  expect(panel.content.activeCellIndex).toBe(activeAfter);
});

it('leaves a notebook alone that must not change', async () => {
  const { panel, sources } = notebook({ active: 'first', readOnly: true });
  expect(await runInNotebook(panel, 'code')).toBe(false);
  expect(sources).toEqual(['first', 'second']);
  expect(ran).toEqual([]);
});
