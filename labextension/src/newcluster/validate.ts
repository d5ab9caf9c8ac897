import type { TranslationBundle } from '@jupyterlab/translation';

import type { Root } from '../api';
import { coresFor, type IDraft, mostWorkers } from './draft';
import { bytesOf } from '../shared/size';

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
  'idle_timeout'
] as const;

export type FieldName = (typeof FIELDS)[number];

/** What is wrong, by field. */
export type Wrong = Readonly<Partial<Record<FieldName, string>>>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const MOST_WORKERS = 100_000;
const MOST_CORES = 1024;
const MOST_GPUS = 64;
const LEAST_MEMORY = 128 * 2 ** 20;
const MOST_MEMORY = 2 ** 50;

/** What the server would not take. Where the facility does not tell what it offers, only name and workers count. */
export function checkDraft(draft: IDraft, root: Root | null, trans: TranslationBundle): Wrong {
  return {
    ...(!NAME.test(draft.name) && {
      name: trans.__('Letters, digits, “_”, “.” and “-”, at most 63; a letter or a digit first.')
    }),
    ...withWords('workers', checkWorkers(draft, root, trans)),
    ...(root && {
      ...(!isWhole(draft.cores, 1, MOST_CORES) && {
        cores: trans.__('A whole number from 1 to %1.', MOST_CORES)
      }),
      ...withWords('memory', checkMemory(draft.memory, trans)),
      ...(!isWhole(draft.gpus, 0, MOST_GPUS) && {
        gpus: trans.__('A whole number from 0 to %1.', MOST_GPUS)
      })
    })
  };
}

function checkWorkers(draft: IDraft, root: Root | null, trans: TranslationBundle): string | null {
  const { adaptive, cores, maximum, minimum, workers } = draft;
  // Left empty before the facility has told what is usual, the server takes that.
  const isUsual = !adaptive && workers === '' && !root;
  const numbers = isUsual ? [] : adaptive ? [minimum, maximum] : [workers];
  if (!numbers.every(number => isWhole(number, 0, MOST_WORKERS))) {
    return trans.__('A whole number from 0 to %1.', MOST_WORKERS);
  }
  if (adaptive && Number(minimum) > Number(maximum)) {
    return trans.__('The first number is above the second.');
  }
  const most = mostWorkers(draft);
  const { cores: coresLimit = null, workers: workersLimit = null } = root?.limits ?? {};
  if (workersLimit !== null && most > workersLimit) {
    return trans.__('A cluster can have at most %1 workers here.', workersLimit);
  }
  const needed = isWhole(cores, 1, MOST_CORES) ? coresFor(most, Number(cores)) : 0;
  if (coresLimit !== null && needed > coresLimit) {
    return trans.__(
      'All your clusters together can have at most %1 cores here; this one would take %2.',
      coresLimit,
      needed
    );
  }
  return null;
}

function checkMemory(memory: string, trans: TranslationBundle): string | null {
  const bytes = bytesOf(memory);
  if (bytes === null) {
    return trans.__('Write a size such as “4 GB” or “500 MiB”.');
  }
  if (bytes < LEAST_MEMORY) {
    return trans.__('At least 128 MiB.');
  }
  return bytes > MOST_MEMORY ? trans.__('At most 1 PiB.') : null;
}

function withWords(field: FieldName, words: string | null): Wrong {
  return words === null ? {} : { [field]: words };
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most;
}
