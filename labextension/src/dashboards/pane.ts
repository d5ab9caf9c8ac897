import type { TranslationBundle } from '@jupyterlab/translation';
import { IFrame } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';

import { clusterIcon } from '../shared/icons';
import type { IClusters, IDashboardUse, Source } from '../tokens';
import { isBlocked, whyBlocked } from './blocked';
import { PaneWords } from './panewords';
import { plotTitle } from './plots';
import { paneState } from './state';
import { sourceName } from './words';

/** How long a hidden page is kept, in milliseconds. */
const PATIENCE = 60_000;

export interface IPlotPaneOptions {
  readonly clusters: IClusters;
  /** The dashboard of the plot; the pane disposes of its use. */
  readonly use: IDashboardUse;
  /** The plot's name: the last part of its address. */
  readonly plot: string;
  readonly trans: TranslationBundle;
  /** Returns the URL of a path below the server's base URL. */
  readonly url: (path: string) => string;
}

/** The id of the widget that shows a plot of a dashboard. */
export function paneId(plot: string, source: Source): string {
  return `af-lab-plot-${plot}-${encodeURIComponent(sourceName(source))}`;
}

/** A plot of a Dask dashboard. Its page is kept while it is visible, and a minute longer. */
export class PlotPane extends Panel {
  constructor(options: IPlotPaneOptions) {
    super();
    const { plot, trans, use } = options;
    const { dashboard } = use;
    this._options = options;
    this.plot = plot;
    this.source = dashboard.source;
    this.id = paneId(plot, this.source);
    this.node.dataset.plot = plot;
    this.node.dataset.of = sourceName(this.source);
    this.addClass('jp-AfLab-plot');
    const title = plotTitle(plot, trans);
    this.title.label = trans.__('%1 - %2', title, sourceName(this.source));
    this.title.caption = trans.__('%1 of %2', title, sourceName(this.source));
    this.title.icon = clusterIcon;
    this.title.closable = true;
    this._words = new PaneWords(() => void dashboard.refresh(), trans);
    this.addWidget(this._words);
    dashboard.changed.connect(this.update, this);
    document.addEventListener('visibilitychange', this._onVisibility);
  }

  /** The plot's name: the last part of its address. */
  readonly plot: string;

  /** Whose plot it is. */
  readonly source: Source;

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    document.removeEventListener('visibilitychange', this._onVisibility);
    this._setSeen(false);
    clearTimeout(this._timer);
    this._options.use.dispose();
    super.dispose();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    // More informative than the label that the main area sets.
    this.node.setAttribute('aria-label', this.title.caption);
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

  private _draw(): void {
    if (!this._isSeen) {
      return;
    }
    const { trans, url, use } = this._options;
    const state = paneState(use.dashboard, this.plot, trans);
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
      const frame = page.node.querySelector('iframe');
      frame?.setAttribute('title', this.title.caption);
      frame?.addEventListener('load', () => {
        if (page === this._page) {
          void this._loaded(frame, url);
        }
      });
      this.addWidget(page);
    }
  }

  /** Show a page that was loaded, or say why the browser does not show it. */
  private async _loaded(frame: HTMLIFrameElement, url: string): Promise<void> {
    if (!isBlocked(frame)) {
      this._words.hide();
      return;
    }
    const words = await whyBlocked(url, this._options.trans);
    if (this._page?.node.contains(frame)) {
      this._sleep();
      this._words.tell(words, true);
    }
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
