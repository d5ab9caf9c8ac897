import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { asApiError, type NewCluster } from '../api';
import { read, SETTINGS } from './settings';
import { IClusters } from '../tokens';
import { explainRefusal } from '../shared/words';

const initial: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:initial',
  description: 'Creates the clusters that the settings list, when JupyterLab starts.',
  autoStart: true,
  requires: [IClusters, ISettingRegistry],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    registry: ISettingRegistry,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    void Promise.all([registry.load(SETTINGS), app.restored]).then(([settings]) =>
      makeMissing(clusters, read(settings).initialClusters, trans)
    );
  }
};

/** Create the clusters whose names are free, and notify the user of those that fail. */
export async function makeMissing(
  clusters: IClusters,
  wanted: readonly NewCluster[],
  trans: TranslationBundle
): Promise<void> {
  if (wanted.length === 0) {
    return;
  }
  await clusters.refresh();
  const { takenNames } = await import('../clusters/commands');
  const taken = takenNames(clusters.entries);
  for (const request of wanted.filter(({ name }) => !taken.has(name))) {
    try {
      await clusters.create(request);
    } catch (error) {
      const why = explainRefusal(asApiError(error), trans);
      Notification.error(trans.__('The cluster %1 was not created. %2', request.name, why));
    }
  }
}

export default initial;
