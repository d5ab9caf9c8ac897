import type { TranslationBundle } from '@jupyterlab/translation';

import type { Root } from '../api';
import { coresFor, type IDraft, mostWorkers } from './draft';
import { bytesOf, roughSize } from '../shared/size';
import { secondsOf } from '../shared/timetext';

/** The fields of the form, by the names that the server gives them. */
export const FIELDS = [
  'name',
  'workers',
  'cores',
  'memory',
  'gpus',
  'arch',
  'sites',
  'environment',
  'directory',
  'time',
  'idle_timeout'
] as const;

export type FieldName = (typeof FIELDS)[number];

/** What is wrong, by field. */
export type Wrong = Readonly<Partial<Record<FieldName, string>>>;

/** The lowest and the highest value of a field, from the server. */
interface IBounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** Used until the server has answered. */
const ANY: IBounds = { minimum: 0, maximum: Infinity };

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/** The shortest time that a job may run, in seconds. */
const SHORTEST = 60;

/** What the server would refuse. If the facility's options are not known, only name and workers are checked. */
export function checkDraft(draft: IDraft, root: Root | null, trans: TranslationBundle): Wrong {
  return {
    ...(!NAME.test(draft.name) && {
      name: trans.__(
        'Letters, digits, “_”, “.” and “-”, at most 63; the first must be a letter or a digit.'
      )
    }),
    ...withWords('workers', checkWorkers(draft, root, trans)),
    ...(root && {
      ...withWords('cores', checkNumber(draft.cores, root.bounds.cores, trans)),
      ...withWords('memory', checkMemory(draft.memory, root.bounds.memory, trans)),
      ...withWords('gpus', checkNumber(draft.gpus, root.bounds.gpus, trans)),
      ...withWords('time', checkTime(draft.time, trans))
    })
  };
}

function checkWorkers(draft: IDraft, root: Root | null, trans: TranslationBundle): string | null {
  const { adaptive, cores, maximum, minimum, workers } = draft;
  // If it is empty because the defaults are not known, the server uses its default.
  const isUsual = !adaptive && workers === '' && !root;
  const numbers = isUsual ? [] : adaptive ? [minimum, maximum] : [workers];
  for (const number of numbers) {
    const wrong = checkNumber(number, root?.bounds.workers ?? ANY, trans);
    if (wrong !== null) {
      return wrong;
    }
  }
  if (adaptive && Number(minimum) > Number(maximum)) {
    return trans.__('The first number is above the second.');
  }
  const most = mostWorkers(draft);
  const { cores: coresLimit = null, workers: workersLimit = null } = root?.limits ?? {};
  if (workersLimit !== null && most > workersLimit) {
    return trans.__('A cluster can have at most %1 workers here.', workersLimit);
  }
  const needed = root && isWhole(cores, root.bounds.cores) ? coresFor(most, Number(cores)) : 0;
  if (coresLimit !== null && needed > coresLimit) {
    return trans.__(
      'All your clusters together can have at most %1 cores here; this one would take %2.',
      coresLimit,
      needed
    );
  }
  return null;
}

function checkMemory(memory: string, bounds: IBounds, trans: TranslationBundle): string | null {
  const bytes = bytesOf(memory);
  if (bytes === null) {
    return trans.__('Enter a size such as “4 GB” or “500 MiB”.');
  }
  if (bytes < bounds.minimum) {
    return trans.__('At least %1.', roughSize(bounds.minimum));
  }
  return bytes > bounds.maximum ? trans.__('At most %1.', roughSize(bounds.maximum)) : null;
}

function checkTime(time: string, trans: TranslationBundle): string | null {
  if (time === '') {
    return null;
  }
  const seconds = secondsOf(time);
  if (seconds === null) {
    return trans.__('Enter a time such as “2 h” or “90 min”, or nothing.');
  }
  return seconds < SHORTEST ? trans.__('At least %1.', trans.__('1 min')) : null;
}

function checkNumber(text: string, bounds: IBounds, trans: TranslationBundle): string | null {
  if (isWhole(text, bounds)) {
    return null;
  }
  return bounds === ANY
    ? trans.__('Enter a whole number.')
    : trans.__('Enter a whole number from %1 to %2.', bounds.minimum, bounds.maximum);
}

function withWords(field: FieldName, words: string | null): Wrong {
  return words === null ? {} : { [field]: words };
}

function isWhole(text: string, { minimum, maximum }: IBounds): boolean {
  return /^\d{1,9}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum;
}
