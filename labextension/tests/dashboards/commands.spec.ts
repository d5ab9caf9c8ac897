import { Clipboard, type MainAreaWidget, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { addPlotCommands, argsOf } from '../../src/dashboards/commands';
import { linkTo } from '../../src/dashboards/link';
import { PlotPanes } from '../../src/dashboards/panes';
import { CommandIDs, type Source } from '../../src/tokens';
import { entry, SetClusters, SetDashboard, SetDashboards } from '../support';

const trans = nullTranslator.load('af_lab');
const BASE = 'http://hub/user/alice/';
const dimuon: Source = { kind: 'cluster', name: 'dimuon' };

describe('the commands of the plots', () => {
  let commands: CommandRegistry;
  let dashboards: SetDashboards;
  let panes: PlotPanes;
  let used: string[];
  const show = jest.fn<unknown, [MainAreaWidget, unknown]>(widget => {
    if (!widget.isAttached) {
      Widget.attach(widget, document.body);
    }
  });

  beforeEach(() => {
    show.mockClear();
    used = [];
    commands = new CommandRegistry();
    const clusters = new SetClusters();
    clusters.entries = [entry(), entry({ name: 'higgs', id: 2 })];
    dashboards = new SetDashboards();
    dashboards.follow.mockImplementation(source => (dashboards.source = source));
    dashboards.use.mockImplementation(source => {
      used.push(JSON.stringify(source));
      return {
        dashboard: new SetDashboard(source),
        dispose: () => used.splice(used.indexOf(JSON.stringify(source)), 1),
        isDisposed: false
      };
    });
    panes = new PlotPanes({ clusters, dashboards, show, trans, url: path => `/${path}` });
    addPlotCommands({
      baseUrl: BASE,
      clusters,
      commands,
      dashboards,
      main: () =>
        Promise.resolve([
          { plot: 'individual-progress', mode: 'split-right' },
          { plot: 'individual-cpu', mode: 'split-bottom', ref: 'individual-progress' }
        ]),
      panes,
      trans
    });
  });

  afterEach(() => {
    panes.tracker.forEach(widget => {
      widget.dispose();
    });
    jest.restoreAllMocks();
  });

  const shown = (): unknown[] => show.mock.calls.map(([{ title }, place]) => [title.label, place]);

  it('open the main plots of each cluster side by side', async () => {
    await commands.execute(CommandIDs.showPlots, { name: 'dimuon' });
    await commands.execute(CommandIDs.showPlots, { name: 'higgs' });
    const ref = (plot: string): string => `af-lab-plot-individual-${plot}-dimuon-tab`;
    expect(shown()).toEqual([
      ['Progress - dimuon', { mode: 'split-right' }],
      ['CPU Use - dimuon', { mode: 'split-bottom', ref: ref('progress') }],
      ['Progress - higgs', { mode: 'split-right', ref: ref('progress') }],
      ['CPU Use - higgs', { mode: 'split-right', ref: ref('cpu') }]
    ]);
    expect(dashboards.source).toEqual({ kind: 'cluster', name: 'higgs' });
  });

  it('show a plot that is open again, without a second user of its dashboard', async () => {
    await commands.execute(CommandIDs.openPlot, { plot: 'status', name: 'dimuon' });
    await commands.execute(CommandIDs.openPlot, { plot: 'status', name: 'dimuon' });
    expect(new Set(show.mock.calls.map(([{ id }]) => id)).size).toBe(1);
    expect(used).toEqual([JSON.stringify(dimuon)]);
    panes.tracker.forEach(widget => {
      widget.dispose();
    });
    expect(used).toEqual([]);
  });

  it('open a plot of the dashboard that is chosen in the panel', async () => {
    dashboards.source = dimuon;
    await commands.execute(CommandIDs.openPlot, { plot: 'individual-cpu' });
    expect(shown()).toEqual([['CPU Use - dimuon', {}]]);
  });

  it('leave the choice in the panel as it is when a plot is restored', async () => {
    dashboards.source = dimuon;
    const address: Source = { kind: 'address', url: 'http://127.0.0.1:8787/status' };
    await commands.execute(CommandIDs.openPlot, { plot: 'status', ...argsOf(address) });
    expect(shown()).toEqual([['Whole Dashboard - 127.0.0.1:8787', {}]]);
    expect(dashboards.follow).not.toHaveBeenCalled();
  });

  it('copy the address of a dashboard', async () => {
    const copied = jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
    const told = jest.spyOn(Notification, 'success').mockReturnValue('');
    await commands.execute(CommandIDs.copyDashboard, { name: 'dimuon' });
    expect(copied.mock.calls).toEqual([[`${BASE}af-lab/api/clusters/dimuon/dashboard/status`]]);
    expect(told.mock.calls[0]?.[0]).toContain('dimuon');
  });
});

describe('linkTo', () => {
  it.each([
    ['8787', `${BASE}proxy/8787/status`],
    ['http://wn7:8787/prefix/status', `${BASE}proxy/wn7:8787/prefix/status`],
    ['https://elsewhere/status', null]
  ])('%s', (url, link) => {
    expect(linkTo({ kind: 'address', url }, BASE)).toBe(link);
  });
});
