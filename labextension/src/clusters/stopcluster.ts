import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IEntry } from '../tokens';
import { losses } from './losses';

/** Asks the user to confirm that a cluster is stopped; the dialog says what is lost. */
export async function confirmStop(entry: IEntry, trans: TranslationBundle): Promise<boolean> {
  const { name } = entry.cluster;
  const { button } = await showDialog({
    title: trans.__('Stop cluster %1?', name),
    body: losses(entry.cluster, trans),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep it') }),
      Dialog.warnButton({ label: trans.__('Stop it') })
    ]
  });
  return button.accept;
}
