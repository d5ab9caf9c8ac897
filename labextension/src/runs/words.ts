/** Texts about runs, as pure functions of the state. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { callsLeft, type Run } from '../api';
import { ago } from '../shared/duration';
import { roughSize } from '../shared/size';
import { stateWord } from '../shared/words';
import type { IRunEntry } from '../tokens';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What is being done with a run, or else its state. */
export function runWord({ change, run }: IRunEntry, trans: TranslationBundle): string {
  switch (change) {
    case 'cancel':
      return trans.__('cancelling');
    case 'again':
      return trans.__('starting again');
    case 'remove':
      return trans.__('removing');
    case null:
      return stateWord(run.state, trans);
  }
}

/** "Made 5 min ago, 1.2 MB" */
export function originWords(run: Run, now: number, trans: TranslationBundle): string {
  const age = now - Date.parse(run.created);
  // Seconds would go on by steps of ten.
  const when = age < MINUTE ? trans.__('just now') : ago(age, trans);
  return trans.__('Made %1, %2', when, roughSize(run.size));
}

/** What is lost when the calls of a run are cancelled. */
export function cancelWords(run: Run, trans: TranslationBundle): string {
  const left = callsLeft(run);
  const { done, running } = run.progress;
  return [
    trans._n(
      '%1 call has not ended: its job is removed from the HTCondor queue.',
      '%1 calls have not ended: their jobs are removed from the HTCondor queue.',
      left
    ),
    running > 0 && trans.__('What they compute now is lost.'),
    done > 0 && trans._n('%1 result is there, and stays.', '%1 results are there, and stay.', done),
    trans.__('“Run again” computes the rest.')
  ]
    .filter(Boolean)
    .join(' ');
}

/** What is lost when a run is removed. */
export function removeWords(run: Run, trans: TranslationBundle): string {
  const left = callsLeft(run);
  const { done } = run.progress;
  const size = roughSize(run.size);
  return [
    left > 0 &&
      trans._n(
        '%1 call has not ended: its job is removed from the HTCondor queue.',
        '%1 calls have not ended: their jobs are removed from the HTCondor queue.',
        left
      ),
    done === 0
      ? trans.__('It has no results. Its files are deleted (%1).', size)
      : trans._n(
          '%1 result is deleted with all files of the run (%2).',
          '%1 results are deleted with all files of the run (%2).',
          done,
          size
        ),
    trans.__('This cannot be undone.')
  ]
    .filter(Boolean)
    .join(' ');
}
