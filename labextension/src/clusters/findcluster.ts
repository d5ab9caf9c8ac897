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
  /** What is going to happen, as the title of the choice. */
  readonly title: string;
  /** Whether that can be done with a cluster in some state. */
  readonly fits: (state: ClusterState) => boolean;
}

/** The cluster meant by the arguments, or the one the user chooses; null, and a word about it: there is none. */
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
    // Nothing is known, or something old, while nobody looks at the panel.
    await clusters.refresh();
    if (clusters.trouble) {
      const { title: what, text } = explain(clusters.trouble, trans);
      Notification.error(`${what}. ${text}`);
      return null;
    }
  }
  if (candidates().length === 0) {
    Notification.info(trans.__('There is no cluster to do this with.'), { autoClose: READING });
    return null;
  }
  return chooseCluster(candidates(), title, trans);
}
