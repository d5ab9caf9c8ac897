import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IClusters, IDashboards, Source } from '../tokens';
import { paneId, PlotPane } from './pane';
import type { Mode } from './placement';

/** Where to place a pane, in the terms of JupyterLab's shell. */
export interface IPlace {
  readonly mode?: Mode;
  /** What it is placed beside: the id of a widget, or a plot of the same dashboard. */
  readonly ref?: string;
}

export interface IPlotPanesOptions {
  readonly clusters: IClusters;
  readonly dashboards: IDashboards;
  /** Shows a widget beside the documents, and activates it. */
  readonly show: (widget: MainAreaWidget, place: IPlace) => void;
  readonly trans: TranslationBundle;
  /** Returns the URL of a path below the server's base URL. */
  readonly url: (path: string) => string;
}

/** The panes that are open: one for each plot of each dashboard. */
export class PlotPanes {
  constructor(private readonly _options: IPlotPanesOptions) {}

  readonly tracker = new WidgetTracker<MainAreaWidget<PlotPane>>({ namespace: 'af-lab-plots' });

  /**
   * Show a plot. One that is open already stays where it is; beside the same plot of another dashboard, the two can be
   * compared.
   *
   * @param plot - The last part of its address.
   * @param source - Whose plot it is.
   * @param place - Where to place it otherwise, with the plot of the same dashboard beside which it is placed.
   */
  async open(plot: string, source: Source, place: IPlace = {}): Promise<void> {
    const { clusters, dashboards, show, trans, url } = this._options;
    const use = dashboards.use(source);
    const id = tabId(plot, use.dashboard.source);
    let widget = this.tracker.find(open => open.id === id);
    if (widget) {
      use.dispose();
    } else {
      const content = new PlotPane({ clusters, plot, trans, url, use });
      widget = new MainAreaWidget({ content });
      widget.id = id;
      await this.tracker.add(widget);
    }
    show(widget, this._besideSame(plot, id) ?? placeOf(place, use.dashboard.source));
  }

  /** The place to the right of the same plot of another dashboard, if that is seen. */
  private _besideSame(plot: string, id: string): IPlace | null {
    const same = this.tracker.filter(
      open => open.content.plot === plot && open.id !== id && open.isVisible
    );
    const last = same.at(-1);
    return last ? { mode: 'split-right', ref: last.id } : null;
  }
}

function placeOf({ mode, ref }: IPlace, source: Source): IPlace {
  return {
    ...(mode !== undefined && { mode }),
    ...(ref !== undefined && { ref: tabId(ref, source) })
  };
}

function tabId(plot: string, source: Source): string {
  return `${paneId(plot, source)}-tab`;
}
