import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ApiError } from '../../src/api';
import { ClustersSection } from '../../src/clusters/section';
import type { IEntry } from '../../src/tokens';
import {
  entry,
  explanation,
  fakeActions,
  find,
  findField,
  SetClusters,
  SetDashboards,
  type,
  until
} from '../support';

describe('the list of clusters', () => {
  let clusters: SetClusters;
  let section: ClustersSection;
  let hadSome: boolean;

  beforeEach(() => {
    clusters = new SetClusters();
    hadSome = false;
    section = new ClustersSection({
      clusters,
      dashboards: new SetDashboards(),
      actions: fakeActions(),
      hadClusters: () => hadSome,
      trans: nullTranslator.load('af_lab')
    });
    Widget.attach(section, document.body);
  });

  afterEach(() => {
    section.dispose();
  });

  const names = (): (string | undefined)[] =>
    [...document.querySelectorAll<HTMLElement>('.jp-AfLab-card')].map(card => card.dataset.cluster);
  const show = async (entries: readonly IEntry[]): Promise<void> => {
    clusters.set({ entries });
    await until('the cards', () => names().length === entries.length);
  };
  const some = (count: number): IEntry[] =>
    Array.from({ length: count }, (_, id) => entry({ name: `c${id}`, id: id + 1 }));
  const card = (name: string): HTMLElement => find(`[data-cluster=${name}]`);

  it('says that there are none yet only before the first', async () => {
    const words = (): string | null | undefined =>
      section.node.querySelector('.jp-AfLab-empty > strong')?.textContent;
    await until('the words', () => words() === 'No clusters yet');
    hadSome = true;
    await show(some(1));
    clusters.set({ entries: [] });
    await until('the other words', () => words() === 'No clusters');
  });

  it('shows everything of seven clusters', async () => {
    await show(some(7));
    expect(document.querySelectorAll('.jp-AfLab-stepper')).toHaveLength(7);
    expect(document.querySelector('.jp-AfLab-clusterFilter, .jp-AfLab-fold')).toBeNull();
  });

  it('shows eight clusters briefly, and everything of one that is opened', async () => {
    await show(some(8));
    expect(document.querySelectorAll('[role=progressbar]')).toHaveLength(8);
    expect(document.querySelector('.jp-AfLab-stepper, .jp-AfLab-controls')).toBeNull();
    find('.jp-AfLab-fold', card('c3')).click();
    await until('the controls', () => card('c3').querySelector('.jp-AfLab-stepper'));
    expect(document.querySelectorAll('.jp-AfLab-stepper')).toHaveLength(1);
    expect(clusters.recall.mock.calls).toEqual([['c3']]);
    expect(find('.jp-AfLab-fold', card('c3')).getAttribute('aria-expanded')).toBe('true');
    find('.jp-AfLab-fold', card('c3')).click();
    await until('the end of them', () => !document.querySelector('.jp-AfLab-stepper'));
  });

  it('explains also briefly what is wrong', async () => {
    await show([
      ...some(7),
      entry({ name: 'stuck', id: 8 }, { why: explanation() }),
      entry({ name: 'refused', id: 9 }, { problem: new ApiError('Too many: at most 10.') })
    ]);
    expect(card('stuck').textContent).toContain('no slot of the pool can run it');
    expect(card('refused').textContent).toContain('Too many: at most 10.');
    expect(card('c0').querySelector('.jp-AfLab-lines')).toBeNull();
  });

  it('filters by name and by state', async () => {
    await show([
      ...some(7),
      entry({ name: 'higgs', id: 8, counts: { held: 1 } }),
      entry({ name: 'over', id: 9, state: 'ended' })
    ]);
    const field = findField('.jp-AfLab-clusterFilter input');
    const status = find('.jp-AfLab-clusterFilter [role=status]');
    for (const [words, found] of [
      ['HIG', ['higgs']],
      ['on hold', ['higgs']],
      ['ended', ['over']],
      ['running 3', ['c3']],
      ['none', []]
    ] as const) {
      type(field, words);
      await until(
        `what has ${words}`,
        () => status.textContent === `${found.length} of 9 clusters`
      );
      expect(names()).toEqual(found);
    }
    type(field, ' ');
    await until('all', () => names().length === 9);
    expect(status.textContent).toBe('');
  });

  it('does not hide a cluster by a filter that is gone', async () => {
    await show(some(8));
    type(findField('.jp-AfLab-clusterFilter input'), 'c1');
    await until('the one', () => names().length === 1);
    await show(some(7));
    expect(document.querySelector('.jp-AfLab-clusterFilter')).toBeNull();
  });
});
