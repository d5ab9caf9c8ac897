import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { WorkerJob } from '../api';
import { removalWords } from './words';

/** Asks the user to confirm that a worker's job is removed; the dialog says what is lost. */
export async function confirmRemoval(
  worker: WorkerJob,
  trans: TranslationBundle
): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Remove job %1?', worker.id),
    body: removalWords(worker, trans),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep it') }),
      Dialog.warnButton({ label: trans.__('Remove it') })
    ]
  });
  return button.accept;
}
