import type { ILabShell } from '@jupyterlab/application';
import { Panel, SplitPanel, Widget } from '@lumino/widgets';

import { openAtFirst, panelWidth } from '../../src/panel/firststart';

describe('panelWidth', () => {
  it.each([
    [1024, 320],
    [1280, 320],
    [1440, 360],
    [2560, 380]
  ])('is sensible in a window of %d px', (window, panel) => {
    expect(panelWidth(window)).toBe(panel);
  });
});

describe('openAtFirst', () => {
  it('shows the panel, sets its width, and gives the focus back', () => {
    const split = new SplitPanel({ spacing: 0 });
    const left = new Panel();
    const panel = new Widget();
    panel.id = 'af-lab-panel';
    left.addWidget(panel);
    split.addWidget(left);
    split.addWidget(new Widget());
    split.addWidget(new Widget());
    Widget.attach(split, document.body);
    Object.defineProperty(split.node, 'clientWidth', { value: 1280 });
    const activateById = jest.fn();
    const shell = {
      activateById,
      currentWidget: { id: 'the-notebook' },
      rightCollapsed: true,
      widgets: () => [panel][Symbol.iterator]()
    } as unknown as ILabShell;
    const setSizes = jest.spyOn(split, 'setRelativeSizes');
    openAtFirst(shell, panel.id);
    expect(activateById.mock.calls).toEqual([['af-lab-panel'], ['the-notebook']]);
    expect(setSizes).toHaveBeenCalledWith([0.25, 0.75, 0]);
    split.dispose();
  });
});
