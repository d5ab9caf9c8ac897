import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ServerAway } from '../../src/api';
import { ConfigurationNotice } from '../../src/panel/configurationnotice';
import { root } from '../described';
import { SetClusters, SetFacility, settle, until } from '../support';

const WRONG = {
  key: 'af-lab.condor.timeout',
  source: '/etc/dask/af_lab.yaml',
  message: 'The setting af-lab.condor.timeout in /etc/dask/af_lab.yaml is wrong.',
  is_unknown: false
};

describe('ConfigurationNotice', () => {
  let clusters: SetClusters;
  let facility: SetFacility;
  let notice: ConfigurationNotice;

  beforeEach(() => {
    clusters = new SetClusters();
    facility = new SetFacility();
    notice = new ConfigurationNotice(facility, clusters, nullTranslator.load('af_lab'));
  });

  afterEach(() => {
    notice.dispose();
  });

  it('says what is wrong with the settings, until the server was restarted with others', async () => {
    facility.about.mockResolvedValue(root({ configuration: [WRONG] }));
    Widget.attach(notice, document.body);
    const shown = await until('the notice', () =>
      document.querySelector<HTMLElement>('.jp-AfLab-notice')
    );
    expect(shown.textContent).toContain(WRONG.message);
    facility.about.mockResolvedValue(root());
    clusters.set({ trouble: new ServerAway('x') });
    clusters.set({ trouble: null });
    await until('nothing', () => !document.querySelector('.jp-AfLab-notice'));
  });

  it('shows nothing when all settings are right, nor when the server does not answer', async () => {
    facility.about.mockRejectedValueOnce(new ServerAway('x'));
    Widget.attach(notice, document.body);
    await settle();
    expect(notice.node.textContent).toBe('');
    clusters.set({ trouble: null });
    await settle();
    expect(facility.about).toHaveBeenCalledTimes(2);
    expect(notice.node.textContent).toBe('');
  });
});
