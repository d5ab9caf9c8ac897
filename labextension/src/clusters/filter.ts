import type { TranslationBundle } from '@jupyterlab/translation';

import { hasWords } from '../shared/filter';
import { standingWord } from '../shared/words';
import type { IEntry } from '../tokens';

/** The clusters that have each of these words in their name or state. */
export function filtered(
  entries: readonly IEntry[],
  words: string,
  trans: TranslationBundle
): readonly IEntry[] {
  return entries.filter(entry =>
    hasWords(`${entry.cluster.name} ${standingWord(entry, trans)}`, words)
  );
}
