/** Texts of the dialog for a new cluster, as pure functions of its values. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Match, Root } from '../api';
import { exactDuration } from '../shared/duration';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Common idle time-outs, in seconds. */
const IDLE_TIMES = [15 * MINUTE, HOUR, 4 * HOUR, DAY];

/** The times to choose from: common ones, the facility's default, and the chosen one; null (never) is last. */
export function idleTimes(usual: number | null, chosen: number | null): (number | null)[] {
  const times = new Set([...IDLE_TIMES, usual, chosen].filter(time => time !== null));
  return [...[...times].sort((one, other) => one - other), null];
}

/** "15 min", "never" */
export function idleWords(seconds: number | null, trans: TranslationBundle): string {
  return seconds === null ? trans.__('never') : exactDuration(1000 * seconds, trans);
}

/** What a number of workers means, and how many there can be. */
export function workersHint(
  adaptive: boolean,
  limits: Root['limits'] | undefined,
  trans: TranslationBundle
): string {
  return [
    adaptive
      ? trans.__('As many as there is work for, within these limits.')
      : trans.__('Each is one process on one core. You can change the number later.'),
    typeof limits?.workers === 'number' && trans.__('At most %1.', limits.workers),
    typeof limits?.cores === 'number' &&
      trans.__('All your clusters together: at most %1 cores.', limits.cores)
  ]
    .filter(part => typeof part === 'string')
    .join(' ');
}

/** "14 slots match now, 52 ever (4 workers each)" */
export function matchWords({ now, ever }: Match, cores: number, trans: TranslationBundle): string {
  const slots = trans._n('%1 slot matches now, %2 ever', '%1 slots match now, %2 ever', now, ever);
  return cores > 1 ? trans.__('%1 (%2 workers each)', slots, cores) : slots;
}
