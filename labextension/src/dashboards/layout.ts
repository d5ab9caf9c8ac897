import { CommandIDs } from '../tokens';

/** Where a pane is placed, in the terms of JupyterLab's shell. */
export type Mode =
  'split-top' | 'split-left' | 'split-right' | 'split-bottom' | 'tab-before' | 'tab-after';

/** A plot of a layout, as in the settings. */
export interface IPlaced {
  readonly plot: string;
  readonly mode?: Mode;
  /** The plot beside which it is placed. */
  readonly ref?: string;
}

/** A command and its arguments. */
export interface IOpening {
  readonly command: string;
  readonly args: { readonly plot: string; readonly mode?: Mode; readonly ref?: string };
}

/** The commands that open a layout, in order. A plot is placed only beside a plot that is already open. */
export function openings(layout: readonly IPlaced[]): IOpening[] {
  const there = new Set<string>();
  return layout.flatMap(({ plot, mode, ref }) => {
    if (there.has(plot)) {
      return [];
    }
    const args = {
      plot,
      ...(mode !== undefined && { mode }),
      ...(ref !== undefined && there.has(ref) && { ref })
    };
    there.add(plot);
    return [{ command: CommandIDs.openPlot, args }];
  });
}
