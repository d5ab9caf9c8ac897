import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { asApiError, type IApi } from '../api';
import { READING } from '../clusters/findcluster';
import { explainRefusal } from '../shared/words';
import type { IClusters } from '../tokens';
import { keptTimeout } from './ending';

export interface IKeepOptions {
  readonly api: Pick<IApi, 'change'>;
  readonly clusters: Pick<IClusters, 'entries'>;
  readonly trans: TranslationBundle;
}

/** Let a cluster without tasks live an hour longer, and say so. Never rejects. */
export async function keep(name: string, { api, clusters, trans }: IKeepOptions): Promise<void> {
  const entry = clusters.entries.find(({ cluster }) => cluster.name === name);
  const timeout = entry ? keptTimeout(entry.cluster) : null;
  if (timeout === null) {
    // It has got tasks in the meantime, or has ended.
    return;
  }
  try {
    await api.change(name, { idle_timeout: timeout });
    Notification.success(trans.__('The cluster %1 stays for an hour more.', name), {
      autoClose: READING
    });
  } catch (error) {
    const why = explainRefusal(asApiError(error), trans);
    Notification.error(trans.__('The cluster %1 was not kept. %2', name, why));
  }
}
