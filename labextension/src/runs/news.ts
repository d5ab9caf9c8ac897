import type { TranslationBundle } from '@jupyterlab/translation';

import { stateWord } from '../shared/words';
import type { IRunEntry } from '../tokens';

/** What is new about the runs in `after`, by subject: runs that are new or gone, and other states. */
export function runNews(
  before: readonly IRunEntry[],
  after: readonly IRunEntry[],
  trans: TranslationBundle
): Map<string, string> {
  const sentences = new Map<string, string>();
  const earlier = new Map(before.map(({ run }) => [run.name, run]));
  for (const { run } of after) {
    const { name, reason, state } = run;
    if (earlier.get(name)?.state !== state) {
      const words = trans.__('Run %1: %2', name, stateWord(state, trans));
      sentences.set(`run ${name}`, [words, reason].filter(Boolean).join(', '));
    }
    earlier.delete(name);
  }
  for (const name of earlier.keys()) {
    sentences.set(`run ${name}`, trans.__('Run %1 is gone', name));
  }
  return sentences;
}
