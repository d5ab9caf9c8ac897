import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { ExtensionMissing } from '../api';
import type { IClusters, IEntry } from '../tokens';
import { type ActiveNotebook, isGone } from './activeclient';
import type { IKernelClient } from './client';

export interface IKernelClusterOptions {
  readonly clients: ActiveNotebook;
  readonly clusters: IClusters;
  readonly sessionContext: ISessionContext;
}

/** The cluster that the kernel of one notebook or console uses. */
export class KernelCluster implements IDisposable {
  constructor(options: IKernelClusterOptions) {
    this._options = options;
    const { clients, clusters, sessionContext } = options;
    clients.changed.connect(this._tell, this);
    clusters.changed.connect(this._tell, this);
    sessionContext.kernelChanged.connect(this._onKernel, this);
    sessionContext.statusChanged.connect(this._onStatus, this);
    this._onKernel();
  }

  /** Emitted when anything below may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this._options.sessionContext.session?.kernel ?? null;
  }

  /** Its Dask client; null if none is known. */
  get client(): IKernelClient | null {
    return this._options.clients.clientOf(this.kernel);
  }

  /** The cluster of the client; null if it is not one of af_lab's clusters, or not listed. */
  get entry(): IEntry | null {
    return this._options.clients.entryOf(this.kernel);
  }

  /** Whether it can use a cluster: it runs Python, and the server has this extension. */
  get isOffered(): boolean {
    const isMissing = this._options.clusters.trouble instanceof ExtensionMissing;
    return this._isPython && (this.client !== null || !isMissing);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _onKernel(): void {
    this._isPython = false;
    void this._learnLanguage();
    this._tell();
  }

  private async _learnLanguage(): Promise<void> {
    const { kernel } = this;
    // JupyterLab itself has asked each kernel for this.
    const isPython = await kernel?.info.then(
      ({ language_info: { name } }) => name === 'python',
      () => false
    );
    if (!this._isDisposed && kernel === this.kernel) {
      this._isPython = isPython ?? false;
      this._tell();
    }
  }

  private _onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (isGone(status) && this.kernel) {
      this._options.clients.forget(this.kernel);
    }
  }

  private _tell(): void {
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _isPython = false;
  private readonly _options: IKernelClusterOptions;
}
