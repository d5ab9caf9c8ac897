import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { ClusterState } from '../api';
import { chooseCluster } from './choosecluster';
import type { IClusters, IEntry } from '../tokens';
import { explain } from '../shared/words';

/** The argument of all commands that concern a cluster. */
export const NAME = { name: { type: 'string', description: 'The name of the cluster' } } as const;

/** How long a notification stays, in milliseconds. */
export const READING = 8_000;

/** What a command looks for. */
export interface IWanted {
  /** The arguments of the command; without a `name`, the user chooses. */
  readonly args: ReadonlyPartialJSONObject;
  /** The action, as the title of the choice. */
  readonly title: string;
  /** Whether the action is possible for a cluster in this state. */
  readonly fits: (state: ClusterState) => boolean;
}

/** The cluster that the arguments name, or the user chooses. If none fits, notifies the user and returns null. */
export async function findCluster(
  clusters: IClusters,
  { args, title, fits }: IWanted,
  trans: TranslationBundle
): Promise<IEntry | null> {
  const { name } = args;
  const candidates = (): IEntry[] =>
    clusters.entries.filter(
      ({ cluster, state }) => fits(state) && (name === undefined || name === cluster.name)
    );
  if (name === undefined || candidates().length === 0) {
    // The list may be empty or old while the panel is hidden.
    await clusters.refresh();
    if (clusters.trouble) {
      const { title: what, text } = explain(clusters.trouble, trans);
      Notification.error(`${what}. ${text}`);
      return null;
    }
  }
  if (candidates().length === 0) {
    Notification.info(trans.__('No cluster is available for this.'), { autoClose: READING });
    return null;
  }
  return chooseCluster(candidates(), title, trans);
}
