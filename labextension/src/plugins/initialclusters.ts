import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { makeMissing } from '../clusters/initialclusters';
import { addPinCommand } from '../clusters/pincommand';
import { IPins, Pins } from '../clusters/pins';
import { IClusters } from '../tokens';
import { read, SETTINGS } from './settings';

const initial: JupyterFrontEndPlugin<IPins> = {
  id: 'af-lab:initial',
  description: 'Creates the clusters that are pinned when JupyterLab starts.',
  autoStart: true,
  requires: [IClusters, ISettingRegistry],
  optional: [ITranslator],
  provides: IPins,
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    registry: ISettingRegistry,
    translator: ITranslator | null
  ): IPins => {
    const trans = (translator ?? nullTranslator).load('af_lab');
    const pins = new Pins();
    addPinCommand({ clusters, commands: app.commands, pins, trans });
    void registry.load(SETTINGS).then(async settings => {
      pins.use(settings);
      await app.restored;
      await makeMissing(clusters, read(settings).initialClusters, trans);
    });
    return pins;
  }
};

export default initial;
