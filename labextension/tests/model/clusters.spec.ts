import type { IDisposable } from '@lumino/disposable';

import { ApiError, CondorUnavailable, type Explanation, ServerAway } from '../../src/api';
import { ClustersModel } from '../../src/model/clusters';
import { Feed } from '../../src/model/feed';
import type { IEntry } from '../../src/tokens';
import { cluster, HoldsAnswersBack, settle } from '../support';

const SETTLE = 150;

describe('ClustersModel', () => {
  let api: HoldsAnswersBack;
  let feed: Feed;
  let model: ClustersModel;
  let watch: IDisposable;
  let changes: number;

  beforeEach(() => {
    jest.useFakeTimers();
    api = new HoldsAnswersBack();
    feed = new Feed(api);
    model = new ClustersModel(api, feed);
    watch = model.watch();
    changes = 0;
    model.changed.connect(() => {
      changes += 1;
    });
  });

  afterEach(() => {
    model.dispose();
    feed.dispose();
    jest.useRealTimers();
  });

  const pass = async (milliseconds: number): Promise<void> => {
    await jest.advanceTimersByTimeAsync(milliseconds);
    await settle();
  };

  const first = (): IEntry => {
    const [entry] = model.entries;
    if (!entry) {
      throw new Error('there is no cluster');
    }
    return entry;
  };

  const know = (...clusters: ReturnType<typeof cluster>[]): void => {
    api.tellAll(clusters);
  };

  it('shows what the events tell', () => {
    api.tellAll([cluster()]);
    expect(first().cluster.counts.connected).toBe(0);
    changes = 0;
    api.tell({
      type: 'cluster',
      id: '1',
      data: cluster({ sequence: 2, counts: { connected: 1 } })
    });
    expect(first().cluster.counts.connected).toBe(1);
    api.tell({ type: 'cluster', id: '2', data: cluster({ name: 'other', id: 2 }) });
    expect(model.entries).toHaveLength(2);
    api.tell({ type: 'gone', id: '1', data: null });
    expect(first().cluster.name).toBe('other');
    expect(changes).toBe(3);
  });

  it('knows nothing before the queue was looked at', () => {
    know(cluster());
    api.tell({
      type: 'snapshot',
      id: null,
      data: { clusters: [], explanations: {}, runs: [], pool: null, health: null }
    });
    expect(model.entries).toHaveLength(1);
  });

  it('forgets what a server that was started again does not find', () => {
    const health = { ok: true, message: null, code: null, seen: null };
    know(cluster(), cluster({ name: 'gone meanwhile', id: 2 }));
    api.tell({
      type: 'snapshot',
      id: null,
      data: { clusters: [], explanations: {}, runs: [], pool: null, health: null }
    });
    api.tell({ type: 'cluster', id: '1', data: cluster({ sequence: 2 }) });
    expect(model.entries).toHaveLength(2);
    api.tell({ type: 'health', id: null, data: health });
    expect(model.entries.map(({ cluster: { id } }) => id)).toEqual([1]);
    api.tell({ type: 'health', id: null, data: { ...health, ok: false } });
    expect(model.entries).toHaveLength(1);
  });

  it('takes no older news', () => {
    know(cluster({ sequence: 5, counts: { connected: 2 } }));
    api.tell({ type: 'cluster', id: '1', data: cluster({ sequence: 4 }) });
    expect(first().cluster.counts.connected).toBe(2);
    api.tell({ type: 'cluster', id: '1', data: cluster({ sequence: 0, state: 'failed' }) });
    expect(first().state).toBe('failed');
  });

  it('remembers how it went', () => {
    know(cluster());
    jest.advanceTimersByTime(2_000);
    know(cluster({ sequence: 2, cpu: 0.5, counts: { connected: 1 } }));
    expect(first().history.map(({ connected, cpu }) => [connected, cpu])).toEqual([
      [0, null],
      [1, 0.5]
    ]);
  });

  it('knows how it went before the page was open, and asks once', async () => {
    know(cluster({ counts: { connected: 3 } }));
    void model.recall('dimuon');
    void model.recall('dimuon');
    void model.recall('unknown');
    expect(api.asked.filter(kind => kind.startsWith('timeline'))).toEqual(['timeline dimuon']);
    const { counts } = cluster({ counts: { connected: 2 } });
    await api.answer('timeline', [{ when: new Date(Date.now() - 60_000).toISOString(), counts }]);
    expect(first().history.map(({ connected }) => connected)).toEqual([2, 3]);
    void model.recall('dimuon');
    expect(api.open('timeline')).toBe(0);
  });

  it('asks again how it went when the server did not say', async () => {
    know(cluster());
    const recalled = model.recall('dimuon');
    await api.refuse('timeline', new ServerAway('x'));
    await expect(recalled).resolves.toBeUndefined();
    void model.recall('dimuon');
    expect(api.open('timeline')).toBe(1);
  });

  it('knows why workers wait until none does any more', () => {
    const why = { cause: 'busy', summary: 'all busy' } as Explanation;
    know(cluster({ counts: { waiting: 5 } }));
    expect(first().why).toBeNull();
    api.tell({ type: 'explanation', id: '1', data: why });
    expect(first().why).toBe(why);
    api.tell({ type: 'explanation', id: '1', data: null });
    expect(first().why).toBeNull();
  });

  describe('refresh', () => {
    it('asks when nobody watches', async () => {
      watch.dispose();
      void model.refresh();
      await api.answer('list', [cluster()]);
      expect(model.entries).toHaveLength(1);
      expect(model.seen).not.toBeNull();
    });

    it('does not reject', async () => {
      const refreshed = model.refresh();
      await api.refuse('list', new CondorUnavailable('no schedd'));
      await expect(refreshed).resolves.toBeUndefined();
      expect(model.trouble).toBeInstanceOf(CondorUnavailable);
    });
  });

  describe('listing', () => {
    it('orders by name, as people count', () => {
      know(cluster({ name: 'a10', id: 1 }), cluster({ name: 'a9', id: 2 }));
      expect(model.entries.map(({ cluster }) => cluster.name)).toEqual(['a9', 'a10']);
    });

    it('shows of one name the cluster that lives, else the newest', () => {
      know(
        cluster({ id: 5, state: 'ended' }),
        cluster({ id: 4 }),
        cluster({ name: 'other', id: 2, state: 'ended' }),
        cluster({ name: 'other', id: 3, state: 'failed' })
      );
      expect(model.entries.map(({ cluster }) => cluster.id)).toEqual([4, 3]);
    });
  });

  describe('create', () => {
    it('shows the cluster at once, whatever an older question brings', async () => {
      void model.refresh();
      await settle();
      void model.create({ name: 'dimuon', workers: 2 });
      await api.answer('create', cluster({ state: 'pending' }));
      expect(first().state).toBe('pending');
      await api.answer('list', []);
      expect(first().state).toBe('pending');
      know(cluster());
      expect(first().state).toBe('running');
    });

    it('is not undone by an older answer that lists a predecessor', async () => {
      void model.refresh();
      await settle();
      void model.create({ name: 'dimuon', workers: 2 });
      await api.answer('create', cluster({ id: 2, state: 'pending' }));
      await api.answer('list', [cluster({ id: 1, state: 'ended' })]);
      expect(first().cluster.id).toBe(2);
    });

    it('rejects when it is refused', async () => {
      const created = model.create({ name: 'dimuon', workers: 2 });
      const refused = expect(created).rejects.toThrow('taken');
      await api.refuse('create', new ApiError('taken'));
      await refused;
      expect(model.entries).toHaveLength(0);
    });
  });

  describe('scale', () => {
    it('shows the number at once and sends the last one', async () => {
      know(cluster());
      model.change('dimuon', { workers: 3 });
      model.change('dimuon', { workers: 4 });
      expect(first()).toMatchObject({ wanted: 4, saving: true });
      await pass(SETTLE);
      expect(api.asked).toEqual(['listen', 'change dimuon {"workers":4}']);
      await api.answer('change', cluster({ workers: 4, generation: 2 }));
      expect(first()).toMatchObject({ wanted: 4, saving: false });
    });

    it('keeps the number while older answers arrive', async () => {
      know(cluster());
      void model.refresh();
      await settle();
      model.change('dimuon', { workers: 4 });
      await pass(SETTLE);
      await api.answer('change', cluster({ workers: 4, generation: 2 }));
      await api.answer('list', [cluster()]);
      expect(first().wanted).toBe(4);
      know(cluster({ workers: 2, generation: 1 }));
      expect(first().wanted).toBe(4);
    });

    it('goes back and says why when it is refused', async () => {
      know(cluster());
      model.change('dimuon', { workers: 5000 });
      await pass(SETTLE);
      await api.refuse('change', new ApiError('too many'));
      expect(first()).toMatchObject({ wanted: 2, saving: false });
      expect(first().problem?.message).toBe('too many');
      model.change('dimuon', { workers: 3 });
      expect(first().problem).toBeNull();
    });

    it('sends nothing when the number comes back to where it was', async () => {
      know(cluster());
      model.change('dimuon', { workers: 3 });
      model.change('dimuon', { workers: 2 });
      await pass(SETTLE);
      expect(api.asked).toEqual(['listen']);
      expect(first()).toMatchObject({ wanted: 2, saving: false });
    });
  });

  describe('adapting', () => {
    const adapt = { minimum: 0, maximum: 20 };

    it('shows the range at once, sends it once, and keeps it', async () => {
      know(cluster({ counts: { requested: 2 } }));
      model.change('dimuon', { adapt });
      expect(first()).toMatchObject({ wanted: 2, adapt, saving: true });
      await pass(SETTLE);
      const adapting = cluster({ workers: null, adapt, generation: 2, counts: { requested: 5 } });
      await api.answer('change', adapting);
      expect(first()).toMatchObject({ wanted: 5, adapt, saving: false });
      model.change('dimuon', { adapt });
      await pass(SETTLE);
      expect(api.open('change')).toBe(0);
    });

    it('ends with a number', async () => {
      know(cluster({ workers: null, adapt }));
      model.change('dimuon', { workers: 4 });
      expect(first()).toMatchObject({ wanted: 4, adapt: null });
      await pass(SETTLE);
      expect(api.open('change')).toBe(1);
    });
  });

  describe('release', () => {
    it('takes the answer as news', async () => {
      know(cluster({ state: 'held', sequence: 0 }));
      void model.release('dimuon');
      await api.answer('release', cluster({ state: 'pending', sequence: 0 }));
      expect(first().state).toBe('pending');
    });

    it('says why it did not happen', async () => {
      know(cluster({ state: 'held' }));
      void model.release('dimuon');
      await api.refuse('release', new ApiError('HTCondor refuses.'));
      expect(first().state).toBe('held');
      expect(first().problem?.message).toBe('HTCondor refuses.');
      void model.release('unknown');
      expect(api.open('release')).toBe(0);
    });
  });

  describe('stop', () => {
    it('counts as stopping until the server no longer lists it', async () => {
      know(cluster());
      void model.stop('dimuon');
      expect(first().state).toBe('stopping');
      await api.answer('stop');
      know(cluster());
      expect(first().state).toBe('stopping');
      know();
      expect(model.entries).toHaveLength(0);
    });

    it('believes the server in the end', async () => {
      know(cluster());
      void model.stop('dimuon');
      await api.answer('stop');
      await pass(31_000);
      know(cluster());
      expect(first().state).toBe('running');
    });

    it('asks once only', () => {
      know(cluster());
      void model.stop('dimuon');
      void model.stop('dimuon');
      expect(api.open('stop')).toBe(1);
    });

    it('says why it did not', async () => {
      know(cluster());
      void model.stop('dimuon');
      await api.refuse('stop', new ServerAway('away'));
      expect(first().state).toBe('running');
      expect(first().problem).toBeInstanceOf(ServerAway);
    });

    it('takes one that has ended off the list at once', async () => {
      know(cluster({ state: 'ended' }));
      void model.stop('dimuon');
      expect(first().state).toBe('ended');
      await api.answer('stop');
      expect(model.entries).toHaveLength(0);
    });

    it('has nothing to do with a successor of the same name', async () => {
      know(cluster());
      void model.stop('dimuon');
      await api.answer('stop');
      know(cluster({ id: 2, state: 'pending' }));
      expect(first().state).toBe('pending');
    });
  });
});
