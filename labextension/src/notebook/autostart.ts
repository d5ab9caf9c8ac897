import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { IClusters, IDashboards } from '../tokens';
import { evaluate, runSilently } from './evaluate';

/** How long a kernel may take to start, in milliseconds. */
const STARTING = 60_000;

export interface IAutoStartOptions {
  readonly clusters: IClusters;
  readonly dashboards: IDashboards;
  readonly notebooks: INotebookTracker;
  /** Whether the user has enabled it. */
  readonly isOn: () => boolean;
  /** Called when a notebook has its client. */
  readonly connected: () => void;
  /** Called when a notebook could not be connected, with the reason. */
  readonly failed: (cluster: string, reason: string) => void;
}

/** Gives each notebook whose kernel starts a client of the cluster whose plots are shown. */
export class AutoStart implements IDisposable {
  constructor(options: IAutoStartOptions) {
    this._options = options;
    options.notebooks.forEach(panel => {
      this._add(options.notebooks, panel);
    });
    options.notebooks.widgetAdded.connect(this._add, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _add(_: INotebookTracker, { sessionContext }: NotebookPanel): void {
    sessionContext.kernelChanged.connect(this._onKernel, this);
    sessionContext.statusChanged.connect(this._onStatus, this);
  }

  private _onKernel({ session }: ISessionContext): void {
    if (session?.kernel) {
      void this._connect(session.kernel);
    }
  }

  private _onStatus({ session }: ISessionContext, status: Kernel.Status): void {
    const kernel = session?.kernel;
    if (!kernel) {
      return;
    }
    if (status === 'restarting' || status === 'autorestarting') {
      this._restarting.add(kernel.id);
    } else if (status === 'idle' && this._restarting.delete(kernel.id)) {
      void this._connect(kernel);
    }
  }

  private async _connect(kernel: Kernel.IKernelConnection): Promise<void> {
    const { clusters, connected, failed } = this._options;
    // A kernel that has run cells may have a client, and may use the names for something else.
    if (this._wanted() === null || (await evaluate(kernel, 'None', STARTING))?.executed !== 0) {
      return;
    }
    // The list may be old while the clusters are not shown.
    await clusters.refresh();
    const name = this._wanted();
    if (name === null || !this._isRunning(name) || this._isDisposed) {
      return;
    }
    const reason = await runSilently(
      kernel,
      `import af_lab; client = af_lab.connect(${JSON.stringify(name)}).get_client()`
    );
    if (reason === null) {
      connected();
    } else {
      failed(name, reason);
    }
  }

  /** The cluster to connect to. */
  private _wanted(): string | null {
    const { dashboards, isOn } = this._options;
    const { source } = dashboards;
    return isOn() && source?.kind === 'cluster' ? source.name : null;
  }

  /** Whether the kernel need not wait for the cluster. */
  private _isRunning(name: string): boolean {
    return this._options.clusters.entries.some(
      ({ cluster, state }) => cluster.name === name && state === 'running'
    );
  }

  private _isDisposed = false;
  private readonly _options: IAutoStartOptions;
  /** The ids of the kernels that are restarting. */
  private readonly _restarting = new Set<string>();
}
