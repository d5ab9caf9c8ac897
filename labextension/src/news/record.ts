/** The kinds of news, each with a setting of its own. */
export const KINDS = [
  'workersArrived',
  'jobsHeld',
  'clusterFailed',
  'clusterEnds',
  'computationEnded'
] as const;

export type NewsKind = (typeof KINDS)[number];

/** What a piece of news lets the user do with its cluster or run. */
export type NewsAction =
  'showPlots' | 'showDetails' | 'startAgain' | 'keep' | 'showNotebook' | 'showRuns' | 'showRunLog';

/** Something that has happened, or soon will, and that the user did not do just now. */
export interface INews {
  readonly kind: NewsKind;

  /** What it is about; news of a subject take the place of earlier ones. */
  readonly subject: string;

  /** What has happened to the subject; the same cause is never told twice. */
  readonly cause: string;

  /** Whether it only takes the place of earlier news that the user has not dismissed. */
  readonly isFollowUp: boolean;

  /** The name of the cluster or run. */
  readonly name: string;

  readonly message: string;
  readonly tone: 'success' | 'info' | 'warning' | 'error';
  readonly action: NewsAction;
}

/** What follows for one subject: news, or that earlier news have become pointless. */
export interface IVerdict<T> {
  readonly news: INews | null;
  readonly isOver: boolean;

  /** What to remember of the subject. */
  readonly memory: T;
}

/** The longest message that JupyterLab shows in full. */
const LONGEST = 140;

/** A message of a sentence and a reason, if there is one; it ends with "…" where it would be too long. */
export function message(sentence: string, reason: string | null = null): string {
  const whole = reason ? `${sentence}: ${reason}` : `${sentence}.`;
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST - 1).trimEnd()}…` : whole;
}
