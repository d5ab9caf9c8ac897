import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ApiError } from '../../src/api';
import { paneId, PlotPane } from '../../src/dashboards/pane';
import { find, SetClusters, SetDashboard, until } from '../support';

const trans = nullTranslator.load('af_lab');

const plotsAt = (folder: string): { title: string; url: string }[] => [
  { title: 'Whole Dashboard', url: `${folder}status` },
  { title: 'Task Stream', url: `${folder}individual-task-stream` }
];

describe('PlotPane', () => {
  let clusters: SetClusters;
  let dashboard: SetDashboard;
  const letGo = jest.fn<unknown, []>();
  let pane: PlotPane;
  let isHidden: boolean;

  beforeEach(() => {
    isHidden = false;
    jest.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
    clusters = new SetClusters();
    dashboard = new SetDashboard({ kind: 'cluster', name: 'dimuon' });
    letGo.mockClear();
    pane = new PlotPane({
      clusters,
      use: { dashboard, dispose: letGo, isDisposed: false },
      plot: 'individual-task-stream',
      trans,
      url: path => `/user/alice/${path}`
    });
    Widget.attach(pane, document.body);
  });

  afterEach(() => {
    jest.useRealTimers();
    pane.dispose();
    jest.restoreAllMocks();
  });

  const page = (): string | undefined =>
    pane.node.querySelector('iframe')?.getAttribute('src') ?? undefined;

  const words = (): string => pane.node.textContent;

  const showDimuon = async (): Promise<void> => {
    dashboard.set({ plots: plotsAt('dimuon/'), trouble: null });
    await until('the page', page);
  };

  it('is called what people call the plot, and the cluster', () => {
    expect(pane.id).toBe(paneId('individual-task-stream', dashboard.source));
    expect(pane.title.label).toBe('Task Stream - dimuon');
    expect(pane.title.caption).toBe('Task Stream of dimuon');
    expect(pane.title.closable).toBe(true);
  });

  it('lets go of its dashboard when it is closed', () => {
    pane.dispose();
    pane.dispose();
    expect(letGo).toHaveBeenCalledTimes(1);
  });

  it('shows the plot of its cluster', async () => {
    await showDimuon();
    expect(page()).toBe('/user/alice/dimuon/individual-task-stream');
    expect(pane.title.caption).toBe('Task Stream of dimuon');
    expect(pane.node.getAttribute('aria-label')).toBe('Task Stream of dimuon');
    const frame = find('iframe', pane.node);
    expect(frame.title).toBe('Task Stream of dimuon');
    expect(frame.getAttribute('sandbox')).toBe('allow-scripts allow-same-origin');
    expect(frame.parentElement?.classList).toContain('jp-IFrame');
  });

  it('says that it loads, until it is there', async () => {
    await showDimuon();
    await until('patience', () => words() === 'Loading…Task Stream of dimuon');
    const layer = find('.jp-AfLab-plotWords', pane.node).classList;
    expect(layer).not.toContain('lm-mod-hidden');
    const late = find('iframe', pane.node);
    dashboard.set({ plots: plotsAt('other/') });
    await until('the other page', () => page()?.includes('other/'));
    late.dispatchEvent(new Event('load'));
    expect(layer).not.toContain('lm-mod-hidden');
    find('iframe', pane.node).dispatchEvent(new Event('load'));
    expect(layer).toContain('lm-mod-hidden');
  });

  it('shows the new page of a dashboard that moved', async () => {
    await showDimuon();
    dashboard.set({ plots: plotsAt('proxy/8787/') });
    await until('the other page', () => page()?.includes('proxy/8787/individual-task-stream'));
    expect(pane.node.querySelectorAll('iframe')).toHaveLength(1);
  });

  it('says which line is missing if the browser blocks the page', async () => {
    const headers = new Headers({ 'Content-Security-Policy': 'frame-ancestors https://portal' });
    const fetched = jest.fn<unknown, [string]>(() => Promise.resolve({ headers }));
    Object.assign(globalThis, { fetch: fetched });
    await showDimuon();
    const frame = find('iframe', pane.node);
    Object.defineProperty(frame, 'contentDocument', { value: null });
    frame.dispatchEvent(new Event('load'));
    await until('the line', () => words().includes("frame-ancestors 'self' https://portal"));
    expect(words()).toContain('c.ServerApp.tornado_settings');
    expect(fetched.mock.calls[0]?.[0]).toBe('/user/alice/dimuon/individual-task-stream');
    expect(page()).toBeUndefined();
    find('button', pane.node).click();
    expect(dashboard.refresh).toHaveBeenCalledTimes(1);
  });

  it('keeps its page while nothing changes for it', async () => {
    await showDimuon();
    const frame = find('iframe', pane.node);
    dashboard.set({ plots: plotsAt('dimuon/') });
    pane.update();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(find('iframe', pane.node)).toBe(frame);
  });

  it('says in words why there is no plot', async () => {
    await until('patience', () => words().includes('Waiting for dimuon'));
    expect(pane.node.querySelector('button')).toBeNull();
    dashboard.set({ plots: [] });
    await until('the lack', () => words().includes('dimuon does not have this plot'));
    dashboard.set({ plots: null, trouble: new ApiError('Install `bokeh`.', 'No plots') });
    await until('the trouble', () => words().includes('No plotsInstall bokeh.'));
    find('button', pane.node).click();
    expect(dashboard.refresh).toHaveBeenCalledTimes(1);
    expect(page()).toBeUndefined();
    await showDimuon();
    expect(pane.node.querySelectorAll('iframe')).toHaveLength(1);
  });

  it('has the clusters watched while it is seen', () => {
    expect(clusters.watchers).toBe(1);
    pane.hide();
    expect(clusters.watchers).toBe(0);
    pane.show();
    isHidden = true;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(clusters.watchers).toBe(0);
    isHidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(clusters.watchers).toBe(1);
    pane.dispose();
    expect(clusters.watchers).toBe(0);
  });

  it('lets go of its page when it was hidden for a minute, and has it again', async () => {
    await showDimuon();
    jest.useFakeTimers();
    pane.hide();
    jest.advanceTimersByTime(59_000);
    expect(page()).toBeDefined();
    pane.show();
    pane.hide();
    jest.advanceTimersByTime(59_000);
    expect(page()).toBeDefined();
    jest.advanceTimersByTime(1_000);
    expect(page()).toBeUndefined();
    dashboard.set({ plots: plotsAt('other/') });
    jest.advanceTimersByTime(1_000);
    expect(page()).toBeUndefined();
    pane.show();
    expect(page()).toBe('/user/alice/other/individual-task-stream');
  });

  it('does so as well when the whole document was', async () => {
    await showDimuon();
    jest.useFakeTimers();
    isHidden = true;
    document.dispatchEvent(new Event('visibilitychange'));
    jest.advanceTimersByTime(60_000);
    expect(page()).toBeUndefined();
    isHidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(page()).toBeDefined();
  });
});
