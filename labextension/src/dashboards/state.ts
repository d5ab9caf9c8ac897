import type { TranslationBundle } from '@jupyterlab/translation';

import type { IDashboard } from '../tokens';
import { explain, type IMessage } from '../shared/words';
import { plotOf } from './plots';
import { sourceName } from './words';

/** What a pane shows: a page at a path below the server's base URL, or a text instead. */
export type PaneState =
  | { readonly kind: 'page'; readonly path: string }
  | { readonly kind: 'words'; readonly words: IMessage; readonly isTrouble: boolean };

/** What the pane of a plot shows at present. */
export function paneState(
  { source, plots, trouble }: Pick<IDashboard, 'source' | 'plots' | 'trouble'>,
  plot: string,
  trans: TranslationBundle
): PaneState {
  if (trouble) {
    return { kind: 'words', words: explain(trouble, trans), isTrouble: true };
  }
  const name = sourceName(source);
  if (!plots) {
    return words(
      trans.__('Waiting for %1', name),
      trans.__('The plot appears when its Dask scheduler runs and answers.')
    );
  }
  const found = plots.find(({ url }) => plotOf(url) === plot);
  return found
    ? { kind: 'page', path: found.url }
    : words(
        trans.__('%1 does not have this plot', name),
        trans.__('The Analysis Facility panel lists the plots that it has.')
      );
}

function words(title: string, text: string): PaneState {
  return { kind: 'words', words: { title, text }, isTrouble: false };
}
