import type { TranslationBundle } from '@jupyterlab/translation';

import type { IDashboards } from '../tokens';
import { explain, type IMessage } from '../shared/words';
import { plotOf, sourceName } from './words';

/** What a pane shows: a page at a path below the server's base URL, or words in its place. */
export type PaneState =
  | { readonly kind: 'page'; readonly path: string }
  | { readonly kind: 'words'; readonly words: IMessage; readonly isTrouble: boolean };

/** What a pane of a plot shows at this moment. */
export function paneState(
  { source, plots, trouble }: Pick<IDashboards, 'source' | 'plots' | 'trouble'>,
  plot: string,
  trans: TranslationBundle
): PaneState {
  if (!source) {
    return words(
      trans.__('Whose plot?'),
      trans.__('Choose a cluster, or the address of a dashboard, in the Analysis Facility panel.')
    );
  }
  if (trouble) {
    return { kind: 'words', words: explain(trouble, trans), isTrouble: true };
  }
  const name = sourceName(source);
  if (!plots) {
    return words(
      trans.__('Waiting for %1', name),
      trans.__('The plot comes as soon as its Dask scheduler runs and answers.')
    );
  }
  const found = plots.find(({ url }) => plotOf(url) === plot);
  return found
    ? { kind: 'page', path: found.url }
    : words(
        trans.__('%1 has no such plot', name),
        trans.__('The Analysis Facility panel lists those that it has.')
      );
}

function words(title: string, text: string): PaneState {
  return { kind: 'words', words: { title, text }, isTrouble: false };
}
