/** What a form begins with if it is for a cluster like another one. */
import type { Fit, NewCluster } from '../api';

/** The cluster whose specification the form begins with. */
export interface IOrigin {
  readonly name: string;

  /** Names of its environment variables, whose values are not known. */
  readonly variables: readonly string[];

  /** What to request instead of what no slot can ever run; null to request the same. */
  readonly fits: Fit | null;
}

/** The parts of a request that the form does not show, and that a copy has too. */
export type Kept = Pick<NewCluster, 'disk' | 'submit'>;

export function keptOf({ disk, submit }: Partial<NewCluster>): Kept {
  return { ...(disk !== undefined && { disk }), ...(submit && { submit }) };
}
