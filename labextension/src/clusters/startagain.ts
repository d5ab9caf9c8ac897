import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { asApiError } from '../api';
import { explainRefusal } from '../shared/words';
import type { IClusters, IEntry } from '../tokens';
import { requestLike, variablesOf } from './likeness';

/**
 * Start a cluster again, under its name and with its specification.
 *
 * The job of one on hold, or that failed, is released: it has the logs of all starts, and the environment variables.
 * In place of one that ended, a new one is created.
 */
export async function startAgain(
  entry: IEntry,
  clusters: IClusters,
  trans: TranslationBundle
): Promise<void> {
  const { cluster, state } = entry;
  if (state !== 'ended') {
    await clusters.release(cluster.name);
  } else if (await mayLose(variablesOf(cluster), cluster.name, trans)) {
    try {
      await clusters.create(requestLike(cluster));
    } catch (error) {
      const why = explainRefusal(asApiError(error), trans);
      Notification.error(trans.__('%1 was not started again. %2', cluster.name, why));
    }
  }
}

/** Asks the user whether a cluster is of use without its environment variables. */
async function mayLose(
  variables: readonly string[],
  name: string,
  trans: TranslationBundle
): Promise<boolean> {
  if (variables.length === 0) {
    return true;
  }
  const { button } = await showDialog({
    title: trans.__('Start %1 without its environment variables?', name),
    body: trans.__(
      'The values of %1 were removed with the cluster. To set them again, use “Copy as Python” or “Copy as command” in its menu.',
      variables.join(', ')
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Start without them') })
    ]
  });
  return button.accept;
}
