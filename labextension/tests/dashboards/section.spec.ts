import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ApiError } from '../../src/api';
import { openings } from '../../src/dashboards/placement';
import { PlotsSection } from '../../src/dashboards/section';
import { inOrder, knownPlot, plotOf, plotTitle } from '../../src/dashboards/plots';
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
    openMain: jest.fn<unknown, []>(),
    findInKernel: jest.fn<unknown, []>(),
    copyAddress: jest.fn<unknown, []>()
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
      ({ firstChild }) => firstChild?.textContent ?? null
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

  it('asks for the client of the notebook, and opens the main plots', async () => {
    find('.jp-AfLab-find').click();
    expect(actions.findInKernel).toHaveBeenCalledTimes(1);
    (
      await until('the button', () => document.querySelector<HTMLElement>('.jp-AfLab-openMain'))
    ).click();
    expect(actions.openMain).toHaveBeenCalledTimes(1);
  });

  it('copies the address of the dashboard that is chosen', async () => {
    expect(section.node.querySelector('.jp-AfLab-copyAddress')).toBeNull();
    dashboards.set({ source: { kind: 'cluster', name: 'dimuon' } });
    (
      await until('the button', () => document.querySelector<HTMLElement>('.jp-AfLab-copyAddress'))
    ).click();
    expect(actions.copyAddress).toHaveBeenCalledTimes(1);
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
    await until('the title first', () => list().join() === 'Task Stream,Whole Dashboard');
    type(field, 'nproc');
    await until('the other', () => list().join() === 'Tasks Processing');
    type(field, 'each core');
    await until('what it shows', () => list().join() === 'Task Stream');
    type(field, 'xyz');
    await until('none', () => list().length === 0);
    expect(section.node.textContent).toContain('No plot is called “xyz” or shows it.');
  });

  it('says why there are none', async () => {
    expect(section.node.textContent).toContain('Choose a cluster to list its plots');
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
      expect(button.textContent || button.getAttribute('aria-label')).toBeTruthy();
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

describe('the plots of Dask', () => {
  // As Dask 2026.8 lists them.
  const NAMES = [
    ...['aggregate-time-per-action', 'bandwidth-types', 'bandwidth-workers', 'cluster-map'],
    ...['cluster-memory', 'compute-time-per-key', 'contention', 'cpu', 'exceptions'],
    ...['fine-performance-metrics', 'gpu-memory', 'gpu-utilization', 'graph', 'group-progress'],
    ...['groups', 'memory-by-key', 'nprocessing', 'occupancy', 'profile', 'profile-server'],
    ...['progress', 'rmm-memory', 'scheduler-system', 'task-stream', 'workers'],
    ...['workers-cpu-timeseries', 'workers-disk', 'workers-disk-timeseries', 'workers-memory'],
    ...['workers-memory-timeseries', 'workers-network', 'workers-network-timeseries'],
    'workers-transfer-bytes'
  ].map(name => `individual-${name}`);

  it.each(['status', ...NAMES])('%s: one line says what it shows', plot => {
    const { title, shows } = knownPlot(plot, trans);
    expect(title).toBeTruthy();
    expect(shows.length).toBeGreaterThan(20);
    expect(shows.length).toBeLessThan(80);
  });

  it('begin with the main ones', () => {
    const plots = ['status', ...NAMES].map(plot => ({ title: plotTitle(plot, trans), url: plot }));
    expect(
      inOrder(plots)
        .slice(0, 6)
        .map(({ title }) => title)
    ).toEqual([
      ...['Progress', 'Task Stream', 'Workers Memory', 'Whole Dashboard'],
      ...['Bandwidth between Workers', 'Bandwidth by Type']
    ]);
  });
});

describe('the main plots', () => {
  it('open one after the other, beside those that are there', () => {
    const opened = openings([
      { plot: 'a', mode: 'split-right', ref: 'c' },
      { plot: 'b', mode: 'split-bottom', ref: 'a' },
      { plot: 'a', mode: 'tab-after', ref: 'b' },
      { plot: 'c' }
    ]);
    expect(opened).toEqual([
      { plot: 'a', mode: 'split-right' },
      { plot: 'b', mode: 'split-bottom', ref: 'a' },
      { plot: 'c' }
    ]);
  });
});
