import type { TranslationBundle } from '@jupyterlab/translation';
import { IFrame } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';

import { clusterIcon } from '../shared/icons';
import type { IClusters, IDashboards } from '../tokens';
import { PaneWords } from './panewords';
import { paneState } from './state';
import { plotTitle, sourceName } from './words';

/** How long a hidden page is kept, in milliseconds. */
const PATIENCE = 60_000;

export interface IPlotPaneOptions {
  readonly clusters: IClusters;
  readonly dashboards: IDashboards;
  /** The plot's name: the last part of its address. */
  readonly plot: string;
  readonly trans: TranslationBundle;
  /** Returns the URL of a path below the server's base URL. */
  readonly url: (path: string) => string;
}

/** The id of the widget that shows a plot. */
export function paneId(plot: string): string {
  return `af-lab-plot-${plot}`;
}

/** A plot of the chosen Dask dashboard. Its page is kept while it is visible, and a minute longer. */
export class PlotPane extends Panel {
  constructor(options: IPlotPaneOptions) {
    super();
    const { dashboards, trans } = options;
    this._options = options;
    this.plot = options.plot;
    this.id = paneId(options.plot);
    this.addClass('jp-AfLab-plot');
    this.title.label = plotTitle(options.plot, trans);
    this.title.icon = clusterIcon;
    this.title.closable = true;
    this._words = new PaneWords(() => void dashboards.refresh(), trans);
    this.addWidget(this._words);
    dashboards.changed.connect(this.update, this);
    document.addEventListener('visibilitychange', this._onVisibility);
    this._say();
  }

  /** The plot's name: the last part of its address. */
  readonly plot: string;

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    document.removeEventListener('visibilitychange', this._onVisibility);
    this._setSeen(false);
    clearTimeout(this._timer);
    super.dispose();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._say();
    this._setSeen(this.isVisible && !document.hidden);
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._setSeen(!document.hidden);
  }

  protected override onBeforeHide(msg: Message): void {
    super.onBeforeHide(msg);
    this._setSeen(false);
  }

  protected override onBeforeDetach(msg: Message): void {
    this._setSeen(false);
    super.onBeforeDetach(msg);
  }

  protected override onUpdateRequest(msg: Message): void {
    super.onUpdateRequest(msg);
    this._say();
    this._draw();
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    const { node } = this._page ?? this;
    (node.querySelector<HTMLElement>('iframe, button') ?? this.node).focus();
  }

  private _setSeen(seen: boolean): void {
    if (seen === this._isSeen) {
      return;
    }
    this._isSeen = seen;
    clearTimeout(this._timer);
    if (seen) {
      this._watch = this._options.clusters.watch();
      this._draw();
    } else {
      this._watch?.dispose();
      this._timer = setTimeout(() => {
        this._sleep();
      }, PATIENCE);
    }
  }

  private _say(): void {
    const { dashboards, trans } = this._options;
    const { label } = this.title;
    this.title.caption = dashboards.source
      ? trans.__('%1 of %2', label, sourceName(dashboards.source))
      : label;
    // More informative than the label that the main area sets.
    this.node.setAttribute('aria-label', this.title.caption);
  }

  private _draw(): void {
    if (!this._isSeen) {
      return;
    }
    const { dashboards, trans, url } = this._options;
    const state = paneState(dashboards, this.plot, trans);
    if (state.kind === 'page') {
      this._showPage(url(state.path));
    } else {
      this._sleep();
      this._words.tell(state.words, state.isTrouble);
    }
  }

  private _showPage(url: string): void {
    const { trans } = this._options;
    if (this._page?.url !== url) {
      this._sleep();
      const page = new IFrame({ sandbox: ['allow-scripts', 'allow-same-origin'] });
      page.url = url;
      this._page = page;
      this._words.tell({ title: trans.__('Loading…'), text: this.title.caption }, false);
      page.node.querySelector('iframe')?.addEventListener('load', () => {
        if (page === this._page) {
          this._words.hide();
        }
      });
      this.addWidget(page);
    }
    this._page.node.querySelector('iframe')?.setAttribute('title', this.title.caption);
  }

  /** Unload the page. */
  private _sleep(): void {
    this._page?.dispose();
    this._page = null;
  }

  private readonly _onVisibility = (): void => {
    this._setSeen(this.isVisible && !document.hidden);
  };

  private _isSeen = false;
  private readonly _options: IPlotPaneOptions;
  private _page: IFrame | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _watch: IDisposable | null = null;
  private readonly _words: PaneWords;
}
