import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { ApiError, ClusterState, ICluster, INewCluster } from './api';

/** The commands this extension adds. */
export const CommandIDs = {
  newCluster: 'af-lab:new-cluster',
  insertCode: 'af-lab:insert-code',
  scaleCluster: 'af-lab:scale-cluster',
  stopCluster: 'af-lab:stop-cluster'
} as const;

/** A cluster, and what was asked of it here that the server has not confirmed yet. */
export interface IEntry {
  /** The cluster as the server described it last. */
  readonly cluster: ICluster;

  /** Its state; `stopping` from the moment that was asked for. */
  readonly state: ClusterState;

  /** The number of workers asked for last. */
  readonly wanted: number;

  /** Whether that number is still on its way to the server. */
  readonly saving: boolean;

  /** Why the last change asked for here did not happen. */
  readonly problem: ApiError | null;
}

/** The user's clusters, as far as the server can be heard. */
export interface IClusters {
  /** Emitted when anything below has changed. */
  readonly changed: ISignal<this, void>;

  /** One entry per name, in the order of the names. */
  readonly entries: readonly IEntry[];

  /** Why the last question to the server brought no answer; null when it did. */
  readonly trouble: ApiError | null;

  /** When the server answered last, in milliseconds since 1970; null: never yet. */
  readonly seen: number | null;

  /** Keep the entries fresh until the result is disposed of; several may watch. */
  watch(): IDisposable;

  /** Ask the server now. Never rejects: `trouble` tells how it went. */
  refresh(): Promise<void>;

  /** Create a cluster. Rejects with an `ApiError`. */
  create(request: INewCluster): Promise<ICluster>;

  /** Ask for a number of workers; the last of several quick calls is sent. */
  scale(name: string, workers: number): void;

  /** End a cluster, or take one that has ended off the list. A failure becomes the entry's `problem`. */
  stop(name: string): Promise<void>;
}

export const IClusters = new Token<IClusters>(
  'af-lab:IClusters',
  'The Dask clusters of the user on the analysis facility.'
);
