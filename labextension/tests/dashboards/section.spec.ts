import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ApiError } from '../../src/api';
import { openings } from '../../src/dashboards/layout';
import { PlotsSection } from '../../src/dashboards/section';
import { plotOf, plotTitle } from '../../src/dashboards/words';
import { CommandIDs } from '../../src/tokens';
import { entry, find, findField, SetClusters, SetDashboards, type, until } from '../support';

const trans = nullTranslator.load('af_lab');

const PLOTS = ['status', 'individual-task-stream', 'individual-nprocessing'].map(plot => ({
  title: plotTitle(plot, trans),
  url: `folder/${plot}`
}));

describe('PlotsSection', () => {
  let clusters: SetClusters;
  let dashboards: SetDashboards;
  let section: PlotsSection;
  const actions = {
    openPlot: jest.fn<unknown, [string]>(),
    openLayout: jest.fn<unknown, []>(),
    findInKernel: jest.fn<unknown, []>()
  };

  beforeEach(async () => {
    jest.clearAllMocks();
    clusters = new SetClusters();
    clusters.entries = [
      entry(),
      entry({ name: 'higgs', state: 'pending' }),
      entry({ name: 'old', state: 'ended' })
    ];
    dashboards = new SetDashboards();
    section = new PlotsSection({ dashboards, clusters, actions, trans });
    Widget.attach(section.toolbar, document.body);
    Widget.attach(section, document.body);
    await until('the section', () => document.querySelector('.jp-AfLab-chooser'));
  });

  afterEach(() => {
    section.toolbar.dispose();
    section.dispose();
  });

  const whose = (): HTMLSelectElement => find('select') as HTMLSelectElement;

  const offered = (): (string | null)[] =>
    Array.from(whose().options, ({ textContent }) => textContent);

  const list = (): (string | null)[] =>
    Array.from(
      document.querySelectorAll('.jp-AfLab-plotList button'),
      ({ textContent }) => textContent
    );

  it('offers the clusters that can be used', () => {
    expect(offered()).toEqual(['choose a cluster', 'dimuon', 'higgs']);
    whose().value = 'cluster higgs';
    whose().dispatchEvent(new Event('change', { bubbles: true }));
    expect(dashboards.follow.mock.calls).toEqual([[{ kind: 'cluster', name: 'higgs' }]]);
  });

  it('tells whose plots these are', async () => {
    dashboards.set({ source: { kind: 'cluster', name: 'dimuon' } });
    await until('the cluster', () => whose().value === 'cluster dimuon');
    expect(offered()).toEqual(['dimuon', 'higgs']);
    dashboards.set({ source: { kind: 'address', url: 'http://127.0.0.1:8787/status' } });
    await until('the address', () => offered().at(-1) === '127.0.0.1:8787');
    expect(whose().selectedOptions[0]?.textContent).toBe('127.0.0.1:8787');
  });

  it('takes an address', () => {
    const field = findField('.jp-AfLab-address input');
    type(field, ' http://127.0.0.1:8787/status ');
    find('.jp-AfLab-address button').click();
    expect(dashboards.follow.mock.calls).toEqual([
      [{ kind: 'address', url: 'http://127.0.0.1:8787/status' }]
    ]);
  });

  it('does not leave what it shows for an address that is none', async () => {
    const field = findField('.jp-AfLab-address input');
    type(field, 'tcp://127.0.0.1:8786');
    find('.jp-AfLab-address button').click();
    await until('the word about it', () =>
      find('.jp-AfLab-wrong').textContent.includes('scheduler')
    );
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(dashboards.follow).not.toHaveBeenCalled();
    type(field, 'x');
    await until('its end', () => find('.jp-AfLab-wrong').textContent === '');
  });

  it('asks for the client of the notebook, and opens the layout', async () => {
    find('.jp-AfLab-find').click();
    expect(actions.findInKernel).toHaveBeenCalledTimes(1);
    (
      await until('the button', () => document.querySelector<HTMLElement>('.jp-AfLab-openLayout'))
    ).click();
    expect(actions.openLayout).toHaveBeenCalledTimes(1);
  });

  it('opens the plots', async () => {
    dashboards.set({ source: { kind: 'cluster', name: 'dimuon' }, plots: PLOTS });
    await until('the list', () => list().length > 0);
    expect(list()).toEqual(['Whole Dashboard', 'Task Stream', 'Tasks Processing']);
    for (const button of document.querySelectorAll<HTMLElement>('.jp-AfLab-plotList button')) {
      button.click();
    }
    expect(actions.openPlot.mock.calls.flat()).toEqual([
      'status',
      'individual-task-stream',
      'individual-nprocessing'
    ]);
  });

  it('finds plots by their words, and by Dask’s', async () => {
    dashboards.set({ source: { kind: 'cluster', name: 'dimuon' }, plots: PLOTS });
    await until('the list', () => list().length > 0);
    const field = findField('.jp-AfLab-plotSearch');
    type(field, 'STREAM ta');
    await until('one', () => list().join() === 'Task Stream');
    type(field, 'nproc');
    await until('the other', () => list().join() === 'Tasks Processing');
    type(field, 'xyz');
    await until('none', () => list().length === 0);
    expect(section.node.textContent).toContain('No plot has “xyz” in its name.');
  });

  it('says why there are none', async () => {
    expect(section.node.textContent).toContain('Choose a dashboard to list its plots');
    dashboards.set({ source: { kind: 'cluster', name: 'dimuon' } });
    await until('patience', () => section.node.textContent.includes('The plots of dimuon appear'));
    dashboards.set({ trouble: new ApiError('Install `bokeh`.', 'No plots') });
    await until('the trouble', () => section.node.textContent.includes('No plotsInstall bokeh.'));
    find('.jp-AfLab-plotTrouble button').click();
    expect(dashboards.refresh).toHaveBeenCalledTimes(1);
  });

  it('has a label on every control', async () => {
    dashboards.set({ source: { kind: 'cluster', name: 'dimuon' }, plots: PLOTS });
    await until('the list', () => list().length > 0);
    for (const field of section.node.querySelectorAll<HTMLInputElement>('input, select')) {
      expect(field.labels?.[0]?.textContent).toBeTruthy();
    }
    for (const button of section.node.querySelectorAll('button')) {
      expect(button.textContent).toBeTruthy();
    }
  });
});

describe('a plot', () => {
  it('is named by its address', () => {
    expect(plotOf('a/b/individual-task-stream')).toBe('individual-task-stream');
    expect(plotOf('a/statics/individual-cluster-map.html')).toBe('individual-cluster-map');
    expect(plotTitle('individual-cluster-map', trans)).toBe('Cluster Map');
    expect(plotTitle('individual-new-cpu-thing', trans)).toBe('New CPU Thing');
  });
});

describe('a layout', () => {
  it('opens one plot after the other, beside those that are there', () => {
    const args = openings([
      { plot: 'a', mode: 'split-right', ref: 'c' },
      { plot: 'b', mode: 'split-bottom', ref: 'a' },
      { plot: 'a', mode: 'tab-after', ref: 'b' },
      { plot: 'c' }
    ]).map(({ command, args }) => {
      expect(command).toBe(CommandIDs.openPlot);
      return args;
    });
    expect(args).toEqual([
      { plot: 'a', mode: 'split-right' },
      { plot: 'b', mode: 'split-bottom', ref: 'a' },
      { plot: 'c' }
    ]);
  });
});
