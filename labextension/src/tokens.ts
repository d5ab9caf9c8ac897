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
  Match,
  NewCluster,
  Plot,
  Pool,
  Root,
  Specification
} from './api';

/** The commands this extension adds. */
export const CommandIDs = {
  newCluster: 'af-lab:new-cluster',
  insertCode: 'af-lab:insert-code',
  scaleCluster: 'af-lab:scale-cluster',
  adaptCluster: 'af-lab:adapt-cluster',
  stopCluster: 'af-lab:stop-cluster',
  showDetails: 'af-lab:show-details',
  showPlots: 'af-lab:show-plots',
  openPlot: 'af-lab:open-plot',
  openPlotLayout: 'af-lab:open-plot-layout',
  findClient: 'af-lab:find-client',
  openExample: 'af-lab:open-example',
  showPanel: 'af-lab:show-panel'
} as const;

/** How a cluster was at some moment. */
export interface IMoment {
  /** Milliseconds since 1970. */
  readonly when: number;
  readonly connected: number;
  readonly wanted: number;
  /** How busy the connected workers keep their cores, from 0 to 1; null when that is not known. */
  readonly cpu: number | null;
}

/** A cluster, and what was asked of it here that the server has not confirmed yet. */
export interface IEntry {
  /** The cluster as the server described it last. */
  readonly cluster: Cluster;

  /** Its state; `stopping` from the moment that was asked for. */
  readonly state: ClusterState;

  /** The number of workers asked for last; while it adapts, what it has made of that by itself. */
  readonly wanted: number;

  /** The range asked for last; null while the number is fixed. */
  readonly adapt: Adapt | null;

  /** Whether what was asked for is still on its way to the server. */
  readonly saving: boolean;

  /** Why the last change asked for here did not happen. */
  readonly problem: ApiError | null;

  /** Why workers wait or are on hold; null when none does, or nobody told yet. */
  readonly why: Explanation | null;

  /** How it went in the last ten minutes, the oldest moment first. */
  readonly history: readonly IMoment[];
}

/** The user's clusters, as far as the server can be heard. */
export interface IClusters {
  /** Emitted when anything below has changed. */
  readonly changed: ISignal<this, void>;

  /** One entry per name, in the order of the names. */
  readonly entries: readonly IEntry[];

  /** Why nothing can be heard; null when all is well. */
  readonly trouble: ApiError | null;

  /** When the server was heard last, in milliseconds since 1970; null: never yet. */
  readonly seen: number | null;

  /** Keep the entries fresh until the result is disposed of; several may watch. */
  watch(): IDisposable;

  /** Ask the server now. Never rejects: `trouble` tells how it went. */
  refresh(): Promise<void>;

  /** Create a cluster. Rejects with an `ApiError`. */
  create(request: NewCluster): Promise<Cluster>;

  /** Ask for a number of workers, or for a range; the last of several quick calls is sent. */
  change(name: string, change: Change): void;

  /** End a cluster, or take one that has ended off the list. A failure becomes the entry's `problem`. */
  stop(name: string): Promise<void>;
}

export const IClusters = new Token<IClusters>(
  'af-lab:IClusters',
  'The Dask clusters of the user on the analysis facility.'
);

/** What the facility offers. */
export interface IFacility {
  /** Emitted when `pool` or `examples` has changed. */
  readonly changed: ISignal<this, void>;

  /** The pool as it was looked at last, while somebody watches the clusters; null: not yet. */
  readonly pool: Pool | null;

  /** The examples; null: nobody asked for them yet. */
  readonly examples: readonly Example[] | null;

  /** Why the examples could not be listed. */
  readonly examplesTrouble: ApiError | null;

  /** Limits, defaults, sites and kernels. Rejects with an `ApiError`. */
  about(): Promise<Root>;

  /** How many worker jobs could run now, and how many ever. Rejects with an `ApiError`. */
  match(specification: Specification): Promise<Match>;

  /** Ask for the examples; `examples` and `examplesTrouble` tell how it went. */
  loadExamples(): Promise<void>;

  /** Copy an example into the user's folder; gives its path. Rejects with an `ApiError`. */
  openExample(id: string): Promise<string>;

  /** Where something is of which the server told the path. */
  url(path: string): string;
}

export const IFacility = new Token<IFacility>(
  'af-lab:IFacility',
  'What the analysis facility offers: its pool, limits, and examples.'
);

/** Whose plots are shown: a cluster's, or those of a dashboard anywhere. */
export type Source =
  | { readonly kind: 'cluster'; readonly name: string }
  | { readonly kind: 'address'; readonly url: string };

/** The Dask dashboard that the panes show. */
export interface IDashboards {
  /** Emitted when `source`, `plots` or `trouble` has changed. */
  readonly changed: ISignal<this, void>;

  /** Whose plots the panes show; null: nobody's yet. */
  readonly source: Source | null;

  /** Its plots; null while they are not known. */
  readonly plots: readonly Plot[] | null;

  /** Why the plots are not known. */
  readonly trouble: ApiError | null;

  /** Have all panes show another dashboard. */
  follow(source: Source): void;

  /** Ask for the plots again. */
  refresh(): Promise<void>;
}

export const IDashboards = new Token<IDashboards>(
  'af-lab:IDashboards',
  'The Dask dashboard whose plots are shown in JupyterLab.'
);
