/** Texts of the dialog for a new cluster, as pure functions of its values. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Match, Root } from '../api';
import type { IDraft } from './draft';

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
  if (seconds === null) {
    return trans.__('never');
  }
  if (seconds % DAY === 0) {
    return trans._n('%1 day', '%1 days', seconds / DAY);
  }
  if (seconds % HOUR === 0) {
    return trans.__('%1 h', seconds / HOUR);
  }
  return seconds % MINUTE === 0 ? trans.__('%1 min', seconds / MINUTE) : trans.__('%1 s', seconds);
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

/** Says that no slot fits such a worker, and what to request instead. */
export function neverWords(draft: IDraft, trans: TranslationBundle): string {
  const remedies = [
    trans.__('less memory'),
    Number(draft.cores) > 1 && trans.__('fewer cores'),
    Number(draft.gpus) > 0 && trans.__('fewer GPUs'),
    draft.arch !== '' && trans.__('another architecture'),
    draft.sites.length > 0 && trans.__('other sites')
  ].filter(remedy => typeof remedy === 'string');
  const listed = remedies.reduceRight((after, remedy, index) =>
    index === remedies.length - 2
      ? trans.__('%1 or %2', remedy, after)
      : trans.__('%1, %2', remedy, after)
  );
  return trans.__('No slot of this pool can ever run such a worker: ask for %1.', listed);
}
