/** The records of the REST interface, under the names they have in `openapi.yaml`. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Adapt = Schemas['Adapt'];
/** Another number of workers, or range of it. */
export type Change = Exclude<Schemas['Change'], IdleChange>;
export type Cluster = Schemas['Cluster'];
export type ClusterState = Cluster['state'];
export type Counts = Schemas['Counts'];
export type Example = Schemas['Examples']['examples'][number];
export type Explanation = Schemas['Explanation'];
/** What to request instead of what no slot can ever run. */
export type Fit = Exclude<Match['fits'], null>;
export type FailedTask = Schemas['FailedTasks'][number];
export type Health = Schemas['Health'];
/** Another time without tasks after which the cluster ends. */
export type IdleChange = Extract<Schemas['Change'], { readonly idle_timeout: unknown }>;
export type LogPart = Schemas['LogPart'];
export type Match = Schemas['Match'];
export type NewCluster = Schemas['NewCluster'];
export type Plot = Schemas['Plots']['plots'][number];
export type Pool = Schemas['Pool'];
export type PoolPart = Pool['parts'][number];
export type Progress = Schemas['Progress'];
export type Root = Schemas['Root'];
export type Run = Schemas['Run'];
export type SchedulerStart = LogPart['starts'][number];
export type Share = Pool['shares'][number];
export type SiteMatch = Schemas['SiteMatch'];
export type Specification = Schemas['Specification'];
export type TimelinePoint = Schemas['Timeline']['points'][number];
export type Trouble = Schemas['Trouble'];
export type WorkerJob = Schemas['Workers']['workers'][number];
export type WorkerState = WorkerJob['state'];

/** A message of `events`, as `events.schema.json` defines it. */
export type EventMessage = { readonly v: 1; readonly seq: number } & (
  | {
      readonly type: 'snapshot';
      readonly id: null;
      readonly data: {
        readonly clusters: readonly Cluster[];
        /** By the ids of the clusters. */
        readonly explanations: Readonly<Record<string, Explanation | null>>;
        readonly pool: Pool | null;
        readonly health: Health | null;
        readonly runs: readonly Run[];
      };
    }
  | { readonly type: 'cluster'; readonly id: string; readonly data: Cluster }
  | { readonly type: 'gone'; readonly id: string; readonly data: null }
  | { readonly type: 'run'; readonly id: string; readonly data: Run }
  | { readonly type: 'run-gone'; readonly id: string; readonly data: null }
  | { readonly type: 'explanation'; readonly id: string; readonly data: Explanation | null }
  | { readonly type: 'pool'; readonly id: null; readonly data: Pool }
  | { readonly type: 'health'; readonly id: null; readonly data: Health }
);

/** Whether a cluster can be used, and changed. */
export function isLive(state: ClusterState): boolean {
  return state === 'pending' || state === 'running';
}

/** Whether its scheduler's job is on hold, so that it can be started again. */
export function canStartAgain(state: ClusterState): boolean {
  return state === 'held' || state === 'failed';
}

/** Whether it does not run, and can be released or created again. */
export function canRunAgain(state: ClusterState): boolean {
  return canStartAgain(state) || state === 'ended';
}

/** Whether only its record is left. */
export function isOver(state: ClusterState): boolean {
  return state === 'ended' || state === 'failed';
}

/** The number of calls of a run that have not ended. */
export function callsLeft({ progress }: Run): number {
  return progress.total - progress.done - progress.erred;
}
