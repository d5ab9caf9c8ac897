import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type {
  Adapt,
  ApiError,
  Change,
  Cluster,
  ClusterState,
  Example,
  Explanation,
  FailedTask,
  LogPart,
  Match,
  NewCluster,
  Plot,
  Pool,
  Root,
  Run,
  Specification
} from './api';

/** The commands this extension adds. */
export const CommandIDs = {
  newCluster: 'af-lab:new-cluster',
  insertCode: 'af-lab:insert-code',
  scaleCluster: 'af-lab:scale-cluster',
  adaptCluster: 'af-lab:adapt-cluster',
  releaseCluster: 'af-lab:release-cluster',
  stopCluster: 'af-lab:stop-cluster',
  stopAll: 'af-lab:stop-all-clusters',
  copyCluster: 'af-lab:copy-cluster',
  askForWhatFits: 'af-lab:ask-for-what-fits',
  pinCluster: 'af-lab:pin-cluster',
  copyPython: 'af-lab:copy-python',
  copyCommand: 'af-lab:copy-command',
  saveDetails: 'af-lab:save-details',
  cancelRun: 'af-lab:cancel-run',
  runAgain: 'af-lab:run-again',
  removeRun: 'af-lab:remove-run',
  showRunLog: 'af-lab:show-run-log',
  showDetails: 'af-lab:show-details',
  showPlots: 'af-lab:show-plots',
  openPlot: 'af-lab:open-plot',
  copyDashboard: 'af-lab:copy-dashboard-address',
  findClient: 'af-lab:find-client',
  openExample: 'af-lab:open-example',
  showPanel: 'af-lab:show-panel',
  showWelcome: 'af-lab:show-welcome'
} as const;

/** The state of a cluster at some moment. */
export interface IMoment {
  /** Milliseconds since 1970. */
  readonly when: number;
  readonly connected: number;
  readonly wanted: number;
  /** How busy the connected workers keep their cores, from 0 to 1; null if it is not known. */
  readonly cpu: number | null;
}

/** A cluster, and the changes requested here that the server has not confirmed yet. */
export interface IEntry {
  /** The cluster as the server described it last. */
  readonly cluster: Cluster;

  /** Its state; `stopping` from the moment a stop is requested. */
  readonly state: ClusterState;

  /** The number of workers requested last; with adaptive scaling, the number that the cluster itself requests. */
  readonly wanted: number;

  /** The range requested last; null while the number is fixed. */
  readonly adapt: Adapt | null;

  /** Whether a change is still being sent to the server. */
  readonly saving: boolean;

  /** Why the last change requested here failed. */
  readonly problem: ApiError | null;

  /** Why workers wait or are on hold; null if none is, or if it is not known yet. */
  readonly why: Explanation | null;

  /** The last ten minutes, the oldest moment first. */
  readonly history: readonly IMoment[];
}

/** The user's clusters, as the server last reported them. */
export interface IClusters {
  /** Emitted when anything below has changed. */
  readonly changed: ISignal<this, void>;

  /** One entry per name, in the order of the names. */
  readonly entries: readonly IEntry[];

  /** Why there is no news from the server; null when all is well. */
  readonly trouble: ApiError | null;

  /** When the server last answered, in milliseconds since 1970; null if it never did. */
  readonly seen: number | null;

  /** Keep the entries fresh until the result is disposed of; several may watch. */
  watch(): IDisposable;

  /** Ask the server now. Never rejects: `trouble` has the error. */
  refresh(): Promise<void>;

  /** Create a cluster. Rejects with an `ApiError`. */
  create(request: NewCluster): Promise<Cluster>;

  /** Request a number of workers, or a range. Of several quick calls only the last is sent. */
  change(name: string, change: Change): void;

  /** Load the last ten minutes of a cluster, once. Never rejects with an `ApiError`: the history then begins later. */
  recall(name: string): Promise<void>;

  /** Start a cluster again that is on hold or has failed. A failure becomes the entry's `problem`. */
  release(name: string): Promise<void>;

  /** Stop a cluster, or remove an ended one from the list. A failure becomes the entry's `problem`. */
  stop(name: string): Promise<void>;
}

export const IClusters = new Token<IClusters>(
  'af-lab:IClusters',
  'The Dask clusters of the user on the analysis facility.'
);

/** What was requested here for a run, and is not done yet. */
export type RunChange = 'cancel' | 'again' | 'remove';

/** A run, and the changes requested here that the server has not confirmed yet. */
export interface IRunEntry {
  /** The run as the server described it last. */
  readonly run: Run;

  /** The change that is under way; null if there is none. */
  readonly change: RunChange | null;

  /** Why the last change requested here failed. */
  readonly problem: ApiError | null;
}

/** The user's runs, as the server last reported them. They are kept fresh while the clusters are watched. */
export interface IRuns {
  /** Emitted when anything below has changed. */
  readonly changed: ISignal<this, void>;

  /** One entry per name, the newest run first. */
  readonly entries: readonly IRunEntry[];

  /** Why there is no news from the server; null when all is well. */
  readonly trouble: ApiError | null;

  /** Ask the server now. Never rejects: `trouble` has the error. */
  refresh(): Promise<void>;

  /** Remove the jobs of a run; the results that it has stay. A failure becomes the entry's `problem`. */
  cancel(name: string): Promise<void>;

  /** Run the calls again that failed or were cancelled. A failure becomes the entry's `problem`. */
  again(name: string): Promise<void>;

  /** Remove a run with its jobs and results. A failure becomes the entry's `problem`. */
  remove(name: string): Promise<void>;

  /** The tasks of which calls have no result, although they ended. Rejects with an `ApiError`. */
  tasks(name: string): Promise<readonly FailedTask[]>;

  /** The last lines that a task has written. Rejects with an `ApiError`. */
  log(name: string, task: string): Promise<LogPart>;
}

export const IRuns = new Token<IRuns>(
  'af-lab:IRuns',
  'The runs of the user on the analysis facility, for example batches.'
);

/** What the facility offers. */
export interface IFacility {
  /** Emitted when `pool` or `examples` has changed. */
  readonly changed: ISignal<this, void>;

  /** The newest data of the pool, updated while the clusters are watched; null before the first. */
  readonly pool: Pool | null;

  /** The examples; null if they are not loaded yet. */
  readonly examples: readonly Example[] | null;

  /** Why the examples could not be listed. */
  readonly examplesTrouble: ApiError | null;

  /** Limits, defaults, sites and kernels. Rejects with an `ApiError`. */
  about(): Promise<Root>;

  /** The numbers of worker jobs that could run now, and ever. Rejects with an `ApiError`. */
  match(specification: Specification): Promise<Match>;

  /** Load the examples; sets `examples` or `examplesTrouble`. */
  loadExamples(): Promise<void>;

  /** Copy an example into the user's folder; resolves to its path. Rejects with an `ApiError`. */
  openExample(id: string): Promise<string>;

  /** The URL of a path that the server returned. */
  url(path: string): string;
}

export const IFacility = new Token<IFacility>(
  'af-lab:IFacility',
  'What the analysis facility offers: its pool, limits, and examples.'
);

/** Whose plots are shown: those of a cluster, or of a dashboard at any address. */
export type Source =
  | { readonly kind: 'cluster'; readonly name: string }
  | { readonly kind: 'address'; readonly url: string };

/** A Dask dashboard, and what is known of it. */
export interface IDashboard {
  /** Emitted when `plots` or `trouble` has changed. */
  readonly changed: ISignal<unknown, void>;

  readonly source: Source;

  /** Its plots; null while they are not known. */
  readonly plots: readonly Plot[] | null;

  /** Why the plots are not known. */
  readonly trouble: ApiError | null;

  /** Load the plots again. */
  refresh(): Promise<void>;
}

/** A dashboard that is kept up to date until its user disposes of this. */
export interface IDashboardUse extends IDisposable {
  readonly dashboard: IDashboard;
}

/** The Dask dashboards whose plots are shown; one of them is chosen in the panel. */
export interface IDashboards {
  /** Emitted when `source`, `plots` or `trouble` has changed. */
  readonly changed: ISignal<this, void>;

  /** Whose plots the panel lists; null if none is chosen yet. */
  readonly source: Source | null;

  /** Its plots; null while they are not known. */
  readonly plots: readonly Plot[] | null;

  /** Why the plots are not known. */
  readonly trouble: ApiError | null;

  /** Choose another dashboard. The panes that are open keep theirs. */
  follow(source: Source): void;

  /** Load the plots again. */
  refresh(): Promise<void>;

  /** Use a dashboard, whichever is chosen. All users of a source share one. */
  use(source: Source): IDashboardUse;
}

export const IDashboards = new Token<IDashboards>(
  'af-lab:IDashboards',
  'The Dask dashboards whose plots are shown in JupyterLab.'
);
