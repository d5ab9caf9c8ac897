import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import { isOver } from '../api';
import type { IClusters, IRuns } from '../tokens';
import { type INews, KINDS, type NewsAction, type NewsKind } from './record';
import { decide, type IScene, type Seen } from './reducer';
import type { Told } from './told';
import type { IPlaces } from './work';

/** How often the time alone may make news, in milliseconds. */
const BEAT = 5_000;

/** How long good news stay, in milliseconds; the rest stays until it is dismissed or over. */
const READING = 8_000;

export interface IToasterOptions {
  readonly clusters: IClusters;
  readonly runs: IRuns;
  /** Whether the user wants news of a kind. */
  readonly isOn: (kind: NewsKind) => boolean;
  /** Emitted when that may have changed; null if it never does. */
  readonly switched: ISignal<unknown, unknown> | null;
  /** Where the computations of the clusters are seen now. */
  readonly places: () => IPlaces;
  /** Does what a piece of news offers. */
  readonly act: (action: NewsAction, name: string) => void;
  readonly told: Told;
  readonly trans: TranslationBundle;
}

/** News that wait until the page is seen. */
interface IWaiting {
  readonly news: INews;
  /** When they were not known yet, in milliseconds since 1970. */
  readonly before: number;
}

/**
 * Shows what happens to clusters and runs as notifications. While the page is hidden they wait.
 *
 * It watches the clusters while one of them exists.
 */
export class Toaster implements IDisposable {
  constructor(options: IToasterOptions) {
    this._options = options;
    options.clusters.changed.connect(this._look, this);
    options.runs.changed.connect(this._look, this);
    options.switched?.connect(this._look, this);
    document.addEventListener('visibilitychange', this._onVisibility);
    this._look();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    document.removeEventListener('visibilitychange', this._onVisibility);
    this._options.clusters.changed.disconnect(this._look, this);
    this._options.runs.changed.disconnect(this._look, this);
    this._options.switched?.disconnect(this._look, this);
    this._unwatch();
  }

  private _look(): void {
    const { clusters, runs, trans } = this._options;
    if (clusters.seen === null) {
      return;
    }
    const now = Date.now();
    const next: IScene = {
      entries: clusters.entries,
      runs: runs.entries,
      now,
      ...this._places()
    };
    const { news, over, seen } = decide(this._scene, next, this._seen, trans);
    const before = this._scene?.now ?? 0;
    this._scene = next;
    this._seen = seen;
    over.forEach(subject => {
      this._end(subject);
    });
    news.forEach(one => {
      this._take({ news: one, before });
    });
    if (!document.hidden && clusters.seen > this._returned) {
      this._wasAway = false;
    }
    this._watchIfUseful();
  }

  /** What happened while the page was hidden, or before the first message after that, was not in front. */
  private _places(): IPlaces {
    const places = this._options.places();
    return document.hidden || this._wasAway ? { ...places, inFront: new Set() } : places;
  }

  private _take(waiting: IWaiting): void {
    const { news } = waiting;
    if (!this._options.isOn(news.kind)) {
      return;
    }
    if (document.hidden) {
      // What it follows up was not shown either.
      const isFollowUp = news.isFollowUp && !this._waiting.has(news.subject);
      this._waiting.set(news.subject, { ...waiting, news: { ...news, isFollowUp } });
    } else {
      this._show(waiting);
    }
  }

  private _show({ news, before }: IWaiting): void {
    const { act, told, trans } = this._options;
    const id = `${news.subject}: ${news.cause}`;
    const open = this._open.get(news.subject);
    const isOpen = open !== undefined && Notification.manager.has(open);
    if (told.since(id, before) || (news.isFollowUp && !isOpen)) {
      return;
    }
    told.note(id, Date.now());
    if (isOpen) {
      Notification.dismiss(open);
    }
    const shown = Notification.emit(news.message, news.tone, {
      autoClose: news.tone === 'success' || news.tone === 'info' ? READING : false,
      actions: [
        {
          label: actionWord(news.action, trans),
          callback: () => {
            act(news.action, news.name);
          }
        }
      ]
    });
    this._open.set(news.subject, shown);
  }

  private _end(subject: string): void {
    this._waiting.delete(subject);
    const open = this._open.get(subject);
    this._open.delete(subject);
    if (open !== undefined && Notification.manager.has(open)) {
      Notification.dismiss(open);
    }
  }

  private _watchIfUseful(): void {
    const { clusters, isOn, runs } = this._options;
    const isUseful =
      KINDS.some(isOn) &&
      (clusters.entries.some(({ state }) => !isOver(state)) ||
        runs.entries.some(({ run }) => run.state === 'pending' || run.state === 'running'));
    if (!isUseful) {
      this._unwatch();
    } else if (!this._watch) {
      this._watch = clusters.watch();
      this._beat = setInterval(() => {
        if (!document.hidden) {
          this._look();
        }
      }, BEAT);
    }
  }

  private _unwatch(): void {
    this._watch?.dispose();
    this._watch = null;
    clearInterval(this._beat);
  }

  private readonly _onVisibility = (): void => {
    if (document.hidden) {
      this._wasAway = true;
      return;
    }
    this._returned = Date.now();
    const waiting = [...this._waiting.values()];
    this._waiting.clear();
    waiting.forEach(one => {
      this._show(one);
    });
  };

  private _beat: ReturnType<typeof setInterval> | undefined;
  private _isDisposed = false;
  /** The notifications by the subjects of their news. */
  private readonly _open = new Map<string, string>();
  private readonly _options: IToasterOptions;
  /** When the page was seen again, in milliseconds since 1970. */
  private _returned = 0;
  private _scene: IScene | null = null;
  private _seen: Seen = new Map();
  private readonly _waiting = new Map<string, IWaiting>();
  private _wasAway = false;
  private _watch: IDisposable | null = null;
}

function actionWord(action: NewsAction, trans: TranslationBundle): string {
  switch (action) {
    case 'showPlots':
      return trans.__('Plots');
    case 'showDetails':
      return trans.__('Details');
    case 'startAgain':
      return trans.__('Start again');
    case 'keep':
      return trans.__('Keep it');
    case 'showNotebook':
      return trans.__('Go to notebook');
    case 'showRuns':
      return trans.__('Show runs');
    case 'showRunLog':
      return trans.__('Show log');
  }
}
