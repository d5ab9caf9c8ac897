/** Texts about runs, as pure functions of the state. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { callsLeft, type Run } from '../api';
import { ago, duration } from '../shared/duration';
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

/** "120 of 500 calls done, 12 run, 368 wait, about 2 min left" */
export function progressWords(run: Run, trans: TranslationBundle): string {
  const { done, erred, remaining, running, total } = run.progress;
  const waiting = callsLeft(run) - running;
  return [
    trans._n('%2 of %1 call done', '%2 of %1 calls done', total, done),
    running > 0 && trans._n('%1 runs', '%1 run', running),
    waiting > 0 && trans._n('%1 waits', '%1 wait', waiting),
    erred > 0 && trans.__('%1 failed', erred),
    remaining !== null &&
      remaining >= 1 &&
      trans.__('about %1 left', duration(SECOND * remaining, trans))
  ]
    .filter(part => part !== false)
    .join(', ');
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
