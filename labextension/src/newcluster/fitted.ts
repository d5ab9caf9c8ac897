/** The change of a form to what a slot of the pool can run, as pure functions. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Fit } from '../api';
import { bytesOf, roughSize, sizeText } from '../shared/size';
import type { IDraft } from './draft';

/** The changes of a draft that make it request what fits. */
export function fittedDraft(draft: IDraft, fit: Fit): Partial<IDraft> {
  return {
    ...(Number(draft.cores) !== fit.cores && { cores: String(fit.cores) }),
    ...(bytesOf(draft.memory) !== fit.memory && { memory: sizeText(fit.memory) }),
    ...(Number(draft.gpus) !== fit.gpus && { gpus: String(fit.gpus) }),
    ...(draft.arch !== (fit.arch ?? '') && { arch: fit.arch ?? '' }),
    ...(draft.sites.join() !== fit.sites.join() && { sites: fit.sites })
  };
}

/**
 * "16 cores per job instead of 64, 30 GB of memory instead of 500 GB"
 *
 * @param disk - What was requested before, in bytes.
 */
export function fittedWords(
  draft: IDraft,
  disk: number,
  fit: Fit,
  trans: TranslationBundle
): string {
  const changed = fittedDraft(draft, fit);
  return [
    changed.cores !== undefined &&
      trans._n(
        '%1 core per job instead of %2',
        '%1 cores per job instead of %2',
        fit.cores,
        draft.cores
      ),
    changed.memory !== undefined &&
      trans.__('%1 of memory instead of %2', changed.memory, draft.memory),
    disk !== fit.disk && trans.__('%1 of disk instead of %2', roughSize(fit.disk), roughSize(disk)),
    changed.gpus !== undefined &&
      trans._n('%1 GPU instead of %2', '%1 GPUs instead of %2', fit.gpus, draft.gpus),
    changed.arch !== undefined &&
      trans.__('the architecture of this machine instead of %1', draft.arch),
    changed.sites !== undefined && trans.__('any site instead of %1', draft.sites.join(', '))
  ]
    .filter(part => typeof part === 'string')
    .join(', ');
}
