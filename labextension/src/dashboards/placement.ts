/** Where a pane is placed, in the terms of JupyterLab's shell. */
export type Mode =
  'split-top' | 'split-left' | 'split-right' | 'split-bottom' | 'tab-before' | 'tab-after';

/** One of the main plots, as in the settings. */
export interface IPlaced {
  readonly plot: string;
  readonly mode?: Mode;
  /** The plot beside which it is placed. */
  readonly ref?: string;
}

/** What to open, in order: each plot once, and beside another plot only if that is open already. */
export function openings(main: readonly IPlaced[]): IPlaced[] {
  const there = new Set<string>();
  return main.flatMap(({ plot, mode, ref }) => {
    if (there.has(plot)) {
      return [];
    }
    const placed = {
      plot,
      ...(mode !== undefined && { mode }),
      ...(ref !== undefined && there.has(ref) && { ref })
    };
    there.add(plot);
    return [placed];
  });
}
