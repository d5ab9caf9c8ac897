import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { type ApiError, asApiError, type IApi, isLive, type Plot, ServerAway } from '../api';
import type { IClusters, IDashboard, IEntry, Source } from '../tokens';
import { locate } from './address';
import { askForPlots } from './typedaddress';
import { inOrder, isOfGpus, plotOf, plotTitle, WHOLE } from './plots';
import { gone, wrongAddress } from './words';

export interface IDashboardOptions {
  readonly api: IApi;
  readonly clusters: IClusters;
  readonly settings: ServerConnection.ISettings;
  readonly trans: TranslationBundle;
}

/** A dashboard and its plots. They are loaded once, when it is first used or answers again. */
export class Dashboard implements IDashboard, IDisposable {
  /**
   * @param source - Whose dashboard it is; an address that is one of a cluster here must be given as the cluster.
   * @param options - What it asks.
   */
  constructor(
    readonly source: Source,
    { api, clusters, settings, trans }: IDashboardOptions
  ) {
    this._api = api;
    this._clusters = clusters;
    this._settings = settings;
    this._trans = trans;
    clusters.changed.connect(this._onClusters, this);
    void this.refresh();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get plots(): readonly Plot[] | null {
    return this._plots;
  }

  get trouble(): ApiError | null {
    return this._trouble;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  async refresh(): Promise<void> {
    const { source } = this;
    this._standing = null;
    this._isLookedFor = false;
    this._learn(null, null);
    if (source.kind === 'address') {
      await this._ask(this._ofAddress(source.url));
      return;
    }
    if (!this._entry()) {
      // The list may be empty or old while the clusters are not shown.
      await this._clusters.refresh();
      this._isLookedFor = true;
    }
    this._onClusters();
  }

  private _onClusters(): void {
    const { trouble } = this._clusters;
    const isBack = this._wasAway && trouble === null;
    this._wasAway = trouble !== null && (this._wasAway || trouble instanceof ServerAway);
    if (this._isDisposed) {
      return;
    }
    if (this.source.kind === 'address') {
      if (isBack) {
        // The pages lost their connections; those of clusters reload by themselves.
        void this.refresh();
      }
      return;
    }
    const entry = this._entry();
    this._isLookedFor ||= entry !== undefined;
    const standing = standingOf(entry, this._isLookedFor, trouble !== null);
    if (standing === this._standing && !(isBack && this._trouble)) {
      return;
    }
    this._standing = standing;
    switch (standing) {
      case 'away':
        this._learn(null, trouble);
        break;
      case 'gone':
        this._learn(null, gone(this.source.name, this._trans));
        break;
      case 'pending':
        this._learn(null, null);
        break;
      default:
        this._learn(null, null);
        if (entry) {
          void this._ask(this._ofCluster(entry));
        }
    }
  }

  private async _ofCluster({ cluster }: IEntry): Promise<readonly Plot[]> {
    const plots = await this._api.plots(cluster.name);
    const folder = `af-lab/api/clusters/${encodeURIComponent(cluster.name)}/dashboard/`;
    return this._tidied(plots, folder, cluster.spec.gpus > 0);
  }

  private async _ofAddress(url: string): Promise<readonly Plot[]> {
    const located = locate(url, this._settings.baseUrl);
    if (located.kind !== 'folder') {
      throw wrongAddress(located.kind === 'wrong' ? located.wrong : 'malformed', this._trans);
    }
    const { folder } = located;
    const plots = await askForPlots({ url, folder }, this._settings, this._trans);
    return this._tidied(plots, folder, true);
  }

  /** If several requests are running, only the last one counts. */
  private async _ask(question: Promise<readonly Plot[]>): Promise<void> {
    const asked = (this._asked = {});
    let plots: readonly Plot[] | null = null;
    let trouble: ApiError | null = null;
    try {
      plots = await question;
    } catch (error) {
      trouble = asApiError(error);
    }
    if (asked === this._asked && !this._isDisposed) {
      this._learn(plots, trouble);
    }
  }

  private _learn(plots: readonly Plot[] | null, trouble: ApiError | null): void {
    this._asked = null;
    this._plots = plots;
    this._trouble = trouble;
    this._changed.emit();
  }

  private _tidied(plots: readonly Plot[], folder: string, gpus: boolean): readonly Plot[] {
    const named = plots
      .map(({ url }) => ({ title: plotTitle(plotOf(url), this._trans), url }))
      .filter(({ url }) => gpus || !isOfGpus(plotOf(url)));
    return inOrder([{ title: plotTitle(WHOLE, this._trans), url: folder + WHOLE }, ...named]);
  }

  private _entry(): IEntry | undefined {
    const { source } = this;
    return source.kind === 'cluster'
      ? this._clusters.entries.find(({ cluster }) => cluster.name === source.name)
      : undefined;
  }

  private readonly _api: IApi;
  private _asked: object | null = null;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _clusters: IClusters;
  private _isDisposed = false;
  /** Whether the cluster was listed, or the list was refreshed to find it. */
  private _isLookedFor = false;
  private _plots: readonly Plot[] | null = null;
  private readonly _settings: ServerConnection.ISettings;
  /** The standing of the cluster when the model last acted on it. */
  private _standing: string | null = null;
  private readonly _trans: TranslationBundle;
  private _trouble: ApiError | null = null;
  private _wasAway = false;
}

/** The state of a cluster with respect to its plots. It changes if the scheduler's address changes. */
function standingOf(entry: IEntry | undefined, isLookedFor: boolean, isAway: boolean): string {
  if (!entry) {
    return !isLookedFor ? 'pending' : isAway ? 'away' : 'gone';
  }
  if (!isLive(entry.state)) {
    return 'gone';
  }
  const { cluster, state } = entry;
  return state === 'pending' ? 'pending' : `${cluster.id} ${cluster.scheduler_address}`;
}
