/** How the panel comes up when JupyterLab opens for the first time: beside the documents, and wide enough to read. */
import type { ILabShell } from '@jupyterlab/application';
import { SplitPanel, type Widget } from '@lumino/widgets';

/** Bounds of its width in pixels: a card has all of its buttons in one row, and a notebook its place beside it. */
const LEAST = 320;
const MOST = 380;

/** How much of the window it takes between these bounds. */
const SHARE = 0.25;

/** The width of the panel in pixels, from that of the window. */
export function panelWidth(total: number): number {
  return Math.round(Math.min(MOST, Math.max(LEAST, SHARE * total)));
}

/** Open a widget of the left sidebar, and leave the focus to the document that has it. */
export function openAtFirst(shell: ILabShell, id: string): void {
  const { currentWidget } = shell;
  shell.activateById(id);
  const panel = [...shell.widgets('left')].find(widget => widget.id === id);
  const split = panel && splitAround(panel);
  if (split) {
    const [, , right = 0] = split.relativeSizes();
    const kept = shell.rightCollapsed ? 0 : right;
    const width = split.node.clientWidth;
    const left = width > 0 ? Math.min(0.5, panelWidth(width) / width) : SHARE;
    split.setRelativeSizes([left, 1 - left - kept, kept]);
  }
  if (currentWidget) {
    shell.activateById(currentWidget.id);
  }
}

/** The panel that divides the width among the sidebars and the main area. */
function splitAround(widget: Widget): SplitPanel | null {
  for (let around = widget.parent; around; around = around.parent) {
    if (around instanceof SplitPanel && around.orientation === 'horizontal') {
      return around;
    }
  }
  return null;
}
