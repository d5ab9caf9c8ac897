/** What the form repeats from the last choice, as pure functions of drafts. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Root } from '../api';
import { type IDraft, isPath } from './draft';
import { idleWords } from './words';

/** The form with the last choice, and with the facility's defaults instead. */
export interface IChoice {
  readonly last: IDraft;
  readonly usual: IDraft;
}

/** "20 workers, 4 cores per job": what a draft has of the last choice; empty if that is the same as the defaults. */
export function repeatedWords(
  draft: IDraft,
  choice: IChoice,
  root: Root,
  trans: TranslationBundle
): string {
  const isRepeated = (field: keyof IDraft): boolean =>
    !isSame(choice.last[field], choice.usual[field]) && isSame(draft[field], choice.last[field]);
  return [
    scaleWords(draft, isRepeated, trans),
    ...shapeParts(draft, isRepeated, root, trans),
    isRepeated('time') && trans.__('each job runs at most %1', draft.time),
    isRepeated('idleTimeout') &&
      trans.__('ends when idle for: %1', idleWords(draft.idleTimeout, trans))
  ]
    .filter(part => typeof part === 'string')
    .join(', ');
}

/** "64 cores per job, 500 GB per job": what the last choice requests in each job, but the defaults do not. */
export function shapeWords({ last, usual }: IChoice, root: Root, trans: TranslationBundle): string {
  const differs = (field: keyof IDraft): boolean => !isSame(last[field], usual[field]);
  return shapeParts(last, differs, root, trans).join(', ');
}

function scaleWords(
  { adaptive, maximum, minimum, workers }: IDraft,
  isRepeated: (field: keyof IDraft) => boolean,
  trans: TranslationBundle
): string | null {
  if (adaptive) {
    return isRepeated('adaptive') || isRepeated('minimum') || isRepeated('maximum')
      ? trans.__('%1 to %2 workers', minimum, maximum)
      : null;
  }
  return isRepeated('workers') ? trans._n('%1 worker', '%1 workers', Number(workers)) : null;
}

function shapeParts(
  draft: IDraft,
  isMeant: (field: keyof IDraft) => boolean,
  root: Root,
  trans: TranslationBundle
): string[] {
  const { arch, cores, gpus, memory } = draft;
  const kernel = root.kernels.find(({ name }) => name === draft.kernel);
  const sites = root.sites.filter(({ name }) => draft.sites.includes(name));
  const labels = sites.map(({ label }) => label).join(', ');
  return [
    isMeant('cores') && trans._n('%1 core per job', '%1 cores per job', Number(cores)),
    isMeant('memory') && trans.__('%1 per job', memory),
    isMeant('gpus') && trans._n('%1 GPU per job', '%1 GPUs per job', Number(gpus)),
    isMeant('arch') && trans.__('architecture %1', arch),
    isMeant('sites') && trans._n('site %2', 'sites %2', sites.length, labels),
    isMeant('kernel') &&
      (kernel !== undefined || isPath(draft.kernel)) &&
      trans.__('environment “%1”', kernel?.display_name ?? draft.kernel)
  ].filter(part => typeof part === 'string');
}

function isSame(one: IDraft[keyof IDraft], other: IDraft[keyof IDraft]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
