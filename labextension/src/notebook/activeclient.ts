import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IClusters, IEntry } from '../tokens';
import { askForClient, type IKernelClient, withCluster } from './client';
import { CurrentPlace, type ICurrentPlaceOptions } from './currentdocument';

/** The kernel is asked if no further cell follows within this time, in milliseconds. */
const SETTLE = 1_000;

export interface IActiveNotebookOptions extends ICurrentPlaceOptions {
  readonly clusters: IClusters;
}

/** A kernel, as far as it has to be told from others. */
type IKernel = Pick<Kernel.IKernelConnection, 'id'>;

/** The Dask client of the current notebook or console: its kernel is asked after it has run a cell. */
export class ActiveNotebook implements IDisposable {
  constructor({ clusters, ...options }: IActiveNotebookOptions) {
    this._clusters = clusters;
    this._place = new CurrentPlace(options);
    this._place.changed.connect(this._onPlace, this);
    this._place.executed.connect(this._askSoon, this);
    clusters.changed.connect(this._onClusters, this);
    document.addEventListener('visibilitychange', this._onVisibility);
    this._onPlace();
  }

  /** Emitted when `client` or `entry` has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The client; null if none is known. */
  get client(): IKernelClient | null {
    return this.clientOf(this._kernel);
  }

  /** The cluster of the client; null if it is not one of af_lab's clusters, or not listed. */
  get entry(): IEntry | null {
    return this.entryOf(this._kernel);
  }

  /** The client of any kernel, as far as it was asked; null if none is known. */
  clientOf(kernel: IKernel | null): IKernelClient | null {
    const client = this._known.get(kernel?.id ?? '');
    return client ? withCluster(client, this._clusters.entries) : null;
  }

  /** The cluster of that client; null if it is not one of af_lab's clusters, or not listed. */
  entryOf(kernel: IKernel | null): IEntry | null {
    const client = this.clientOf(kernel);
    const entry = this._clusters.entries.find(({ cluster }) => cluster.name === client?.cluster);
    return entry ?? null;
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
    clearTimeout(this._timer);
    this._place.dispose();
    this._watch?.dispose();
    Signal.clearData(this);
  }

  /** Forget the client of a kernel that starts again. */
  forget(kernel: IKernel): void {
    if (this._known.delete(kernel.id)) {
      this._tell();
    }
  }

  /** Ask a kernel, by default that of the current place. Never rejects; `null` if it has no client, or is too busy to answer. */
  async ask(kernel = this._kernel): Promise<IKernelClient | null> {
    if (!kernel) {
      return null;
    }
    const client = await askForClient(kernel);
    if (this._isDisposed) {
      return null;
    }
    if (client || kernel.status !== 'busy') {
      this._known.set(kernel.id, client);
      this._tell();
    }
    return client && withCluster(client, this._clusters.entries);
  }

  private get _kernel(): Kernel.IKernelConnection | null {
    return this._context?.session?.kernel ?? null;
  }

  private _onPlace(): void {
    this._context?.kernelChanged.disconnect(this._onKernel, this);
    this._context?.statusChanged.disconnect(this._onStatus, this);
    this._context = this._place.context;
    this._context?.kernelChanged.connect(this._onKernel, this);
    this._context?.statusChanged.connect(this._onStatus, this);
    this._onKernel();
  }

  private _onKernel(): void {
    this._tell();
    this._askSoon();
  }

  private _onStatus(_: ISessionContext, status: Kernel.Status): void {
    // Not on "idle": the kernel becomes idle after each request.
    if (isGone(status) && this._kernel) {
      this.forget(this._kernel);
    }
  }

  private _onClusters(): void {
    if (this.client) {
      this._tell();
    }
  }

  private _askSoon(): void {
    clearTimeout(this._timer);
    this._isDue = true;
    this._timer = setTimeout(() => {
      this._askIfDue();
    }, SETTLE);
  }

  private _askIfDue(): void {
    // A kernel that is busy with another cell is asked when the cell is done.
    if (this._isDue && !document.hidden && this._kernel?.status !== 'busy') {
      this._isDue = false;
      void this.ask();
    }
  }

  private _tell(): void {
    const isWatched = typeof this.client?.cluster === 'string' && !document.hidden;
    if (!isWatched) {
      this._watch?.dispose();
      this._watch = null;
    }
    this._watch ??= isWatched ? this._clusters.watch() : null;
    this._changed.emit();
  }

  private readonly _onVisibility = (): void => {
    this._tell();
    this._askIfDue();
  };

  private readonly _changed = new Signal<this, void>(this);
  private readonly _clusters: IClusters;
  private _context: ISessionContext | null = null;
  private _isDisposed = false;
  private _isDue = false;
  /** The clients by the ids of their kernels. */
  private readonly _known = new Map<string, IKernelClient | null>();
  private readonly _place: CurrentPlace;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _watch: IDisposable | null = null;
}

/** Whether a kernel in this state has lost all that it had. */
export function isGone(status: Kernel.Status): boolean {
  return /restarting|terminating|dead/.test(status);
}
