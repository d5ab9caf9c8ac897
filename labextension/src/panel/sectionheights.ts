import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { AccordionLayout, type AccordionPanel, type Widget } from '@lumino/widgets';

import { divide, type ISection } from './heights';

/** How important a section is when not all fit. */
export type Weight = Pick<ISection, 'share' | 'least'>;

/** Gives the open sections of an accordion the heights of their contents, until the user moves a boundary. */
export class SectionHeights implements IDisposable {
  /**
   * @param accordion - It has all of its sections.
   * @param weight - The weight of the section with an index.
   */
  constructor(
    private readonly _accordion: AccordionPanel,
    private readonly _weight: (index: number) => Weight
  ) {
    this._observer.observe(_accordion.node);
    for (const section of _accordion.widgets) {
      for (const part of section.node.children) {
        this._observer.observe(part);
      }
    }
    _accordion.handleMoved.connect(() => {
      this._isByHand = true;
    }, this);
    // A section that was closed from the beginning would open with no height.
    _accordion.expansionToggled.connect(this.restart, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._observer.disconnect();
    Signal.clearData(this);
  }

  /** Follow the contents again, also after the user moved a boundary. */
  restart(): void {
    this._isByHand = false;
    this._divide();
  }

  private _divide(): void {
    const { layout, node, spacing, widgets } = this._accordion;
    const open = widgets.filter(section => !section.isHidden);
    if (!(layout instanceof AccordionLayout) || open.length === 0) {
      return;
    }
    const fixed = layout.titleSpace * widgets.length + spacing * (open.length - 1);
    const space = node.offsetHeight - fixed;
    if (space <= 0) {
      return;
    }
    const heights = divide(
      open.map(section => ({
        content: contentHeight(section),
        ...this._weight(widgets.indexOf(section))
      })),
      space
    );
    this._accordion.setRelativeSizes(widgets.map(section => heights[open.indexOf(section)] ?? 0));
  }

  private _onResize(): void {
    // The layout does not hear of a height that changes because the header above it does.
    if (this._isByHand) {
      this._accordion.update();
    } else {
      this._divide();
    }
  }

  private _isByHand = false;
  private _isDisposed = false;
  private readonly _observer = new ResizeObserver(() => {
    this._onResize();
  });
}

function contentHeight(section: Widget): number {
  return [...section.node.children].reduce(
    (height, part) => height + (part instanceof HTMLElement ? part.offsetHeight : 0),
    0
  );
}
