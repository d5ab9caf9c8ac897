import { nullTranslator } from '@jupyterlab/translation';

import { choosePlot } from '../../src/dashboards/chooseplot';
import { chooseSource } from '../../src/dashboards/choosesource';
import type { Source } from '../../src/tokens';
import { entry, find, SetClusters, SetDashboards, until } from '../support';

const trans = nullTranslator.load('af_lab');
const dimuon: Source = { kind: 'cluster', name: 'dimuon' };

describe('chooseSource', () => {
  let clusters: SetClusters;
  let dashboards: SetDashboards;
  const other = entry({ name: 'other', id: 2 });
  const isAsked = (): boolean => document.querySelector('.jp-Dialog') !== null;

  beforeEach(() => {
    clusters = new SetClusters();
    dashboards = new SetDashboards();
  });

  it.each([
    ['a cluster that runs', dimuon],
    ['an address', { kind: 'address', url: '8787' } as const]
  ])('keeps %s', async (_, source) => {
    dashboards.source = source;
    clusters.entries = [entry(), other];
    await chooseSource(dashboards, clusters, trans);
    expect(dashboards.follow).not.toHaveBeenCalled();
    expect(clusters.refresh).not.toHaveBeenCalled();
  });

  it.each([
    ['none', null],
    ['one that has ended', { kind: 'cluster', name: 'ended' } as const],
    ['one that nobody knows', { kind: 'cluster', name: 'unknown' } as const]
  ])('takes the only cluster instead of %s, and asks nothing', async (_, source) => {
    dashboards.source = source;
    // The panel was not open: the list comes with the question.
    clusters.refresh.mockImplementation(() => {
      clusters.entries = [entry(), entry({ name: 'ended', id: 3, state: 'ended' })];
      return Promise.resolve();
    });
    await chooseSource(dashboards, clusters, trans);
    expect(dashboards.follow.mock.calls).toEqual([[dimuon]]);
    expect(isAsked()).toBe(false);
  });

  it('asks which of several', async () => {
    clusters.entries = [entry(), other];
    const chosen = chooseSource(dashboards, clusters, trans);
    const dialog = await until('the question', () => document.querySelector('.jp-Dialog'));
    const field = find('select', dialog) as HTMLSelectElement;
    field.value = 'other';
    find('.jp-mod-accept', dialog).click();
    await chosen;
    expect(dashboards.follow.mock.calls).toEqual([[{ kind: 'cluster', name: 'other' }]]);
  });

  it('leaves it if there is no cluster', async () => {
    await chooseSource(dashboards, clusters, trans);
    expect(dashboards.follow).not.toHaveBeenCalled();
    expect(isAsked()).toBe(false);
  });

  it('has the plots of a dashboard that was chosen a moment ago', async () => {
    dashboards.source = dimuon;
    const chosen = choosePlot(dashboards, trans);
    dashboards.set({ plots: [{ title: 'Task Stream', url: 'x/individual-task-stream' }] });
    const dialog = await until('the question', () => document.querySelector('.jp-Dialog'));
    find('.jp-mod-accept', dialog).click();
    expect(await chosen).toBe('individual-task-stream');
  });
});
