import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IApi } from '../api';
import { READING } from '../clusters/findcluster';
import type { IEntry } from '../tokens';
import { loadReport } from './reportdata';
import { reportDocument, saveFile } from './reportfile';

/** Save all that is known of a cluster as a file, for example for a ticket to the administrators. */
export async function saveReport(
  api: IApi,
  entry: IEntry,
  trans: TranslationBundle
): Promise<void> {
  const { name } = entry.cluster;
  const asking = Notification.info(trans.__('Collecting the details of %1…', name), {
    autoClose: false
  });
  try {
    const now = Date.now();
    const text = await reportDocument(await loadReport(api, entry, now), trans);
    const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(':', '');
    saveFile(`${name}-${stamp}.html`, text);
    Notification.success(
      trans.__(
        'The details of %1 are saved. They have the ends of its logs: look at them before you send them.',
        name
      ),
      { autoClose: READING }
    );
  } catch (error) {
    Notification.error(
      trans.__(
        'The details of %1 were not saved. %2',
        name,
        error instanceof Error ? error.message : String(error)
      )
    );
  } finally {
    Notification.dismiss(asking);
  }
}
