import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { ApiError, Plot } from '../api';
import type { IDashboards, IDashboardUse, Source } from '../tokens';
import { locate } from './address';
import { Dashboard, type IDashboardOptions } from './dashboard';
import { SharedUse } from './shareduse';

/** The dashboard that is chosen in the panel, and those that panes show. */
export class DashboardsModel implements IDashboards, IDisposable {
  constructor(private readonly _options: IDashboardOptions) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get source(): Source | null {
    return this._chosen?.dashboard.source ?? null;
  }

  get plots(): readonly Plot[] | null {
    return this._chosen?.dashboard.plots ?? null;
  }

  get trouble(): ApiError | null {
    return this._chosen?.dashboard.trouble ?? null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._chosen?.dispose();
    Signal.clearData(this);
  }

  follow(source: Source): void {
    const wanted = this._asCluster(source);
    if (JSON.stringify(wanted) === JSON.stringify(this.source)) {
      if (this.trouble) {
        void this.refresh();
      }
      return;
    }
    const before = this._chosen;
    before?.dashboard.changed.disconnect(this._onChanged, this);
    this._chosen = this.use(wanted);
    this._chosen.dashboard.changed.connect(this._onChanged, this);
    before?.dispose();
    this._changed.emit();
  }

  async refresh(): Promise<void> {
    await this._chosen?.dashboard.refresh();
  }

  use(source: Source): IDashboardUse {
    const wanted = this._asCluster(source);
    return this._shared.use(JSON.stringify(wanted), () => new Dashboard(wanted, this._options));
  }

  private _onChanged(): void {
    this._changed.emit();
  }

  /** The cluster to which an address belongs, if it is one of ours. */
  private _asCluster(source: Source): Source {
    if (source.kind === 'cluster') {
      return source;
    }
    const located = locate(source.url, this._options.settings.baseUrl);
    return located.kind === 'cluster' ? { kind: 'cluster', name: located.name } : source;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _chosen: IDashboardUse | null = null;
  private _isDisposed = false;
  private readonly _shared = new SharedUse();
}
