import { CommandIDs } from '../tokens';

/** Where a pane goes, as JupyterLab's shell has it. */
export type Mode =
  'split-top' | 'split-left' | 'split-right' | 'split-bottom' | 'tab-before' | 'tab-after';

/** A plot of a layout, as it stands in the settings. */
export interface IPlaced {
  readonly plot: string;
  readonly mode?: Mode;
  /** The plot beside which. */
  readonly ref?: string;
}

/** A command, and what it is to be called with. */
export interface IOpening {
  readonly command: string;
  readonly args: { readonly plot: string; readonly mode?: Mode; readonly ref?: string };
}

/** The commands that open a layout, one after the other; none is placed beside a plot that is not there yet. */
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
