import { ApiError, CondorUnavailable, ServerAway } from '../src/api';
import { ClustersModel } from '../src/model';
import type { IEntry } from '../src/tokens';
import { cluster, HoldsAnswersBack, settle } from './support';

const SETTLE = 150;

describe('ClustersModel', () => {
  let api: HoldsAnswersBack;
  let model: ClustersModel;
  let changes: number;

  beforeEach(() => {
    jest.useFakeTimers();
    api = new HoldsAnswersBack();
    model = new ClustersModel(api);
    changes = 0;
    model.changed.connect(() => {
      changes += 1;
    });
  });

  afterEach(() => {
    model.dispose();
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

  const know = async (...clusters: ReturnType<typeof cluster>[]): Promise<void> => {
    void model.refresh();
    await settle();
    await api.answer('list', clusters);
  };

  describe('watching', () => {
    it('asks once a second, and never before the last answer', async () => {
      const watch = model.watch();
      await pass(0);
      await pass(5_000);
      expect(api.asked).toEqual(['list']);
      await api.answer('list', []);
      await pass(900);
      expect(api.open('list')).toBe(0);
      await pass(200);
      expect(api.open('list')).toBe(1);
      watch.dispose();
    });

    it('asks nothing while nobody watches', async () => {
      await pass(5_000);
      const watches = [model.watch(), model.watch()];
      await pass(10);
      await api.answer('list', []);
      watches.forEach(watch => {
        watch.dispose();
      });
      await pass(5_000);
      expect(api.asked).toEqual(['list']);
      const watch = model.watch();
      await pass(10);
      expect(api.asked).toEqual(['list', 'list']);
      watch.dispose();
    });

    it('asks nothing while the document is hidden', async () => {
      const visibility = jest.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
      document.dispatchEvent(new Event('visibilitychange'));
      const watch = model.watch();
      await pass(5_000);
      expect(api.asked).toEqual([]);
      visibility.mockReturnValue('visible');
      document.dispatchEvent(new Event('visibilitychange'));
      await pass(1_100);
      expect(api.asked).toEqual(['list']);
      watch.dispose();
      visibility.mockRestore();
    });

    it('asks less often while there is no answer, and recovers by itself', async () => {
      const watch = model.watch();
      await pass(10);
      await api.answer('list', [cluster()]);
      const seen = model.seen;
      const seconds: number[] = [];
      for (let second = 0; second < 120; second++) {
        await pass(1_000);
        if (api.open('list') > 0) {
          seconds.push(second);
          await api.refuse('list', new ServerAway('away'));
        }
      }
      const gaps = seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(12);
      expect(seconds.length).toBeLessThan(60);
      expect(model.trouble).toBeInstanceOf(ServerAway);
      expect(model.seen).toBe(seen);
      expect(model.entries).toHaveLength(1);

      await pass(11_000);
      await api.answer('list', []);
      expect(model.trouble).toBeNull();
      expect(model.entries).toHaveLength(0);
      await pass(1_100);
      expect(api.open('list')).toBe(1);
      watch.dispose();
    });

    it('tells of a change only when there is one', async () => {
      await know(cluster());
      expect(changes).toBe(1);
      await know(cluster());
      expect(changes).toBe(1);
      await know(cluster({ counts: { connected: 1, running: 1 } }));
      expect(changes).toBe(2);
    });
  });

  describe('refresh', () => {
    it('shares the question that is under way', async () => {
      const watch = model.watch();
      await pass(0);
      const refreshed = model.refresh();
      await pass(10);
      expect(api.asked).toEqual(['list']);
      await api.answer('list', []);
      await refreshed;
      watch.dispose();
    });

    it('does not reject', async () => {
      const refreshed = model.refresh();
      await settle();
      await api.refuse('list', new CondorUnavailable('no schedd'));
      await expect(refreshed).resolves.toBeUndefined();
      expect(model.trouble).toBeInstanceOf(CondorUnavailable);
    });
  });

  describe('listing', () => {
    it('orders by name, as people count', async () => {
      await know(cluster({ name: 'a10', id: 1 }), cluster({ name: 'a9', id: 2 }));
      expect(model.entries.map(({ cluster }) => cluster.name)).toEqual(['a9', 'a10']);
    });

    it('shows of one name the cluster that lives, else the newest', async () => {
      await know(
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
      await know(cluster());
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
      await know(cluster());
      model.scale('dimuon', 3);
      model.scale('dimuon', 4);
      expect(first()).toMatchObject({ wanted: 4, saving: true });
      await pass(SETTLE);
      expect(api.asked).toEqual(['list', 'scale dimuon 4']);
      await api.answer('scale', cluster({ workers: 4, generation: 2 }));
      expect(first()).toMatchObject({ wanted: 4, saving: false });
    });

    it('keeps the number while older answers arrive', async () => {
      await know(cluster());
      void model.refresh();
      await settle();
      model.scale('dimuon', 4);
      await pass(SETTLE);
      await api.answer('scale', cluster({ workers: 4, generation: 2 }));
      await api.answer('list', [cluster()]);
      expect(first().wanted).toBe(4);
      await know(cluster({ workers: 2, generation: 1 }));
      expect(first().wanted).toBe(4);
    });

    it('goes back and says why when it is refused', async () => {
      await know(cluster());
      model.scale('dimuon', 5000);
      await pass(SETTLE);
      await api.refuse('scale', new ApiError('too many'));
      expect(first()).toMatchObject({ wanted: 2, saving: false });
      expect(first().problem?.message).toBe('too many');
      model.scale('dimuon', 3);
      expect(first().problem).toBeNull();
    });

    it('sends nothing when the number comes back to where it was', async () => {
      await know(cluster());
      model.scale('dimuon', 3);
      model.scale('dimuon', 2);
      await pass(SETTLE);
      expect(api.asked).toEqual(['list']);
      expect(first()).toMatchObject({ wanted: 2, saving: false });
    });
  });

  describe('stop', () => {
    it('counts as stopping until the server no longer lists it', async () => {
      await know(cluster());
      void model.stop('dimuon');
      expect(first().state).toBe('stopping');
      await api.answer('stop');
      await know(cluster());
      expect(first().state).toBe('stopping');
      await know();
      expect(model.entries).toHaveLength(0);
    });

    it('believes the server in the end', async () => {
      await know(cluster());
      void model.stop('dimuon');
      await api.answer('stop');
      await pass(31_000);
      await know(cluster());
      expect(first().state).toBe('running');
    });

    it('asks once only', async () => {
      await know(cluster());
      void model.stop('dimuon');
      void model.stop('dimuon');
      expect(api.open('stop')).toBe(1);
    });

    it('says why it did not', async () => {
      await know(cluster());
      void model.stop('dimuon');
      await api.refuse('stop', new ServerAway('away'));
      expect(first().state).toBe('running');
      expect(first().problem).toBeInstanceOf(ServerAway);
    });

    it('takes one that has ended off the list at once', async () => {
      await know(cluster({ state: 'ended' }));
      void model.stop('dimuon');
      expect(first().state).toBe('ended');
      await api.answer('stop');
      expect(model.entries).toHaveLength(0);
    });

    it('has nothing to do with a successor of the same name', async () => {
      await know(cluster());
      void model.stop('dimuon');
      await api.answer('stop');
      await know(cluster({ id: 2, state: 'pending' }));
      expect(first().state).toBe('pending');
    });
  });
});
