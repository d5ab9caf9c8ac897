/** How far a computation is, in words: of the tasks of a cluster, and of the calls of a run. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Progress } from '../api';
import { duration, remaining } from './duration';
import { figure } from './figure';

const SECOND = 1_000;

/** What a computation consists of. */
export type Unit = 'tasks' | 'calls';

/** "1 234 of 20 000 tasks" */
export function doneWords({ done, total }: Progress, unit: Unit, trans: TranslationBundle): string {
  const numbers = [figure(done), figure(total)] as const;
  return unit === 'tasks'
    ? trans._n('%2 of %3 task', '%2 of %3 tasks', total, ...numbers)
    : trans._n('%2 of %3 call', '%2 of %3 calls', total, ...numbers);
}

/** "3 failed", or an empty text. */
export function failedWords({ erred }: Progress, trans: TranslationBundle): string {
  return erred > 0 ? trans.__('%1 failed', figure(erred)) : '';
}

/** "1 min left", "310/s", or before anything has ended "12 run", "368 wait": how it goes on. */
export function paceWords(progress: Progress, trans: TranslationBundle): readonly string[] {
  const { rate, remaining: seconds } = progress;
  if (seconds === null) {
    return standingWords(progress, trans);
  }
  return [leftWords(seconds, trans), ...(rate === null ? [] : [rateWords(rate, trans)])];
}

/** "1 234 of 20 000 tasks done, 16 run, 18 747 wait, 3 failed, 1 min left, 310/s" */
export function progressWords(progress: Progress, unit: Unit, trans: TranslationBundle): string {
  const parts = [
    trans.__('%1 done', doneWords(progress, unit, trans)),
    ...standingWords(progress, trans),
    failedWords(progress, trans),
    ...paceWords(progress, trans)
  ];
  return [...new Set(parts)].filter(Boolean).join(', ');
}

/** "62 %", "62 %, 1 min left": where there is hardly any space. */
export function shareWords(progress: Progress, trans: TranslationBundle): string {
  const { done, erred, remaining: seconds, total } = progress;
  // Nothing is complete that is not.
  const share = Math.floor((100 * (done + erred)) / Math.max(total, 1));
  const percent = trans.__('%1 %', share);
  return seconds === null ? percent : `${percent}, ${leftWords(seconds, trans)}`;
}

/** What the workers do: "processing", "processing, waiting for files", "idle"; empty if it is not known. */
export function activityWords(
  { activity, doing }: { readonly activity: string | null; readonly doing: string | null },
  trans: TranslationBundle
): string {
  switch (activity) {
    case 'idle':
      return trans.__('idle');
    case 'working':
      return doing ?? trans.__('working');
    case 'waiting':
      return [doing, trans.__('waiting for files')].filter(Boolean).join(', ');
    default:
      return '';
  }
}

/** What it means that workers wait; empty if they do not. */
export function activityTitle(activity: string | null, trans: TranslationBundle): string {
  return activity === 'waiting'
    ? trans.__(
        'The workers have tasks, but hardly use their cores: they wait for files, for the network, or for another program.'
      )
    : '';
}

function standingWords(progress: Progress, trans: TranslationBundle): readonly string[] {
  const { done, erred, running, total } = progress;
  const waiting = total - done - erred - running;
  return [
    running > 0 && trans._n('%2 runs', '%2 run', running, figure(running)),
    waiting > 0 && trans._n('%2 waits', '%2 wait', waiting, figure(waiting))
  ].filter(part => part !== false);
}

/** "310/s", "2.5/s", "12/min" */
function rateWords(rate: number, trans: TranslationBundle): string {
  if (rate >= 0.95) {
    return trans.__('%1/s', rough(rate));
  }
  return 60 * rate >= 0.95
    ? trans.__('%1/min', rough(60 * rate))
    : trans.__('%1/h', rough(3600 * rate));
}

function rough(number: number): string {
  return number >= 9.95 ? figure(Math.round(number)) : String(Number(number.toPrecision(2)));
}

/** "25 s left", "2 min left": in steps that do not change with every look. */
function leftWords(seconds: number, trans: TranslationBundle): string {
  const left = SECOND * seconds;
  const words =
    left > 55 * SECOND
      ? remaining(left, trans)
      : duration(5 * SECOND * Math.max(1, Math.ceil(left / (5 * SECOND))), trans);
  return trans.__('%1 left', words);
}
