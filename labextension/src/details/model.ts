import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { type ApiError, CondorUnavailable, type IApi } from '../api';
import type { IClusters } from '../tokens';
import { ClusterRecord } from './clusterrecord';
import { FIRST_VIEW, type IView } from './table';

/** The shortest time between two drawings of the time line, in milliseconds. */
const BEAT = 1_000;

/** After this many beats without news, ages are updated. */
const PATIENCE = 5;

/** The details of the cluster with a name. Sends requests while it is shown and the page is visible. */
export class DetailsModel implements IDisposable {
  constructor(
    readonly name: string,
    private readonly _api: IApi,
    private readonly _clusters: IClusters
  ) {
    _clusters.changed.connect(this._update, this);
    document.addEventListener('visibilitychange', this._onVisibility);
    this._update();
  }

  /** Emitted when anything but the log has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is known of the cluster, or was known last if it is gone; null if nothing is known. */
  get record(): ClusterRecord | null {
    return this._record;
  }

  /** Whether the server reported that no cluster has this name. */
  get gone(): boolean {
    return this._gone;
  }

  /** Why there is no news of the clusters. */
  get trouble(): ApiError | null {
    return this._clusters.trouble;
  }

  /** The time to which ages are computed, in milliseconds since 1970. */
  get now(): number {
    return this._now;
  }

  /** Sorting and filter of the table of workers. */
  get view(): IView {
    return this._view;
  }

  look(view: Partial<IView>): void {
    this._view = { ...this._view, ...view };
    this._changed.emit();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    document.removeEventListener('visibilitychange', this._onVisibility);
    this._rest();
    this._record?.dispose();
    Signal.clearData(this);
  }

  /** Whether the details are shown. */
  setShown(shown: boolean): void {
    this._shown = shown;
    this._onVisibility();
  }

  private readonly _onVisibility = (): void => {
    if (this._shown && !document.hidden) {
      this._watch ??= this._clusters.watch();
      this._timer ??= setInterval(() => {
        this._beat();
      }, BEAT);
    } else {
      this._rest();
    }
    this._update();
  };

  private _rest(): void {
    this._watch?.dispose();
    this._watch = null;
    clearInterval(this._timer);
    this._timer = undefined;
  }

  private _beat(): void {
    this._beats += 1;
    const news = this._record?.extend() ?? false;
    if (news || this._beats >= PATIENCE) {
      this._tell();
    }
  }

  private _update(): void {
    const { entries, seen, trouble } = this._clusters;
    const entry = entries.find(({ cluster }) => cluster.name === this.name);
    this._gone = !entry && seen !== null;
    if (entry && entry.cluster.id !== this._record?.entry.cluster.id) {
      this._record?.dispose();
      this._record = new ClusterRecord(this._api, entry, () => {
        this._tell();
      });
    }
    const reachable = trouble === null || trouble instanceof CondorUnavailable;
    const active = this._watch !== null && reachable && entry !== undefined;
    const known = entry ?? this._record?.entry;
    if (known) {
      this._record?.update(known, active);
    }
    this._tell();
  }

  private _tell(): void {
    this._beats = 0;
    this._now = Date.now();
    this._changed.emit();
  }

  private _beats = 0;
  private readonly _changed = new Signal<this, void>(this);
  private _gone = false;
  private _isDisposed = false;
  private _now = Date.now();
  private _record: ClusterRecord | null = null;
  private _shown = false;
  private _timer: ReturnType<typeof setInterval> | undefined;
  private _view: IView = FIRST_VIEW;
  private _watch: IDisposable | null = null;
}
