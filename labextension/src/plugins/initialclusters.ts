import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { asApiError, isOver, type NewCluster } from '../api';
import { read, SETTINGS } from './settings';
import { IClusters } from '../tokens';
import { explainRefusal } from '../shared/words';

const initial: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:initial',
  description: 'Makes the clusters that the settings want at the start.',
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

/** Make those clusters whose names are free; what could not be made is told. */
export async function makeMissing(
  clusters: IClusters,
  wanted: readonly NewCluster[],
  trans: TranslationBundle
): Promise<void> {
  if (wanted.length === 0) {
    return;
  }
  await clusters.refresh();
  const taken = new Set(
    clusters.entries.filter(({ state }) => !isOver(state)).map(({ cluster }) => cluster.name)
  );
  for (const request of wanted.filter(({ name }) => !taken.has(name))) {
    try {
      await clusters.create(request);
    } catch (error) {
      const why = explainRefusal(asApiError(error), trans);
      Notification.error(trans.__('The cluster %1 was not made. %2', request.name, why));
    }
  }
}

export default initial;
