import { ApiError, ServerAway, type TimelinePoint } from '../../src/api';
import { DetailsModel } from '../../src/details/model';
import type { ClusterRecord } from '../../src/details/clusterrecord';
import { job } from './support';
import { cluster, entry, HoldsAnswersBack, SetClusters, settle } from '../support';

describe('DetailsModel', () => {
  let api: HoldsAnswersBack;
  let clusters: SetClusters;
  let model: DetailsModel;

  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-25T12:00:00Z') });
    api = new HoldsAnswersBack();
    clusters = new SetClusters();
    clusters.entries = [entry({ id: 7 })];
    model = new DetailsModel('dimuon', api, clusters);
  });

  afterEach(() => {
    model.dispose();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const pass = async (milliseconds: number): Promise<void> => {
    await jest.advanceTimersByTimeAsync(milliseconds);
    await settle();
  };
  const show = async (): Promise<void> => {
    model.setShown(true);
    await pass(0);
  };
  const asked = (kind: string): number => api.asked.filter(what => what.startsWith(kind)).length;
  const record = (): ClusterRecord => {
    if (!model.record) {
      throw new Error('nothing is known');
    }
    return model.record;
  };
  const set = (parts: Parameters<typeof entry>[0]): void => {
    clusters.set({ entries: [entry({ id: 7, ...parts })] });
  };

  it('asks and watches only while it is shown and the page is seen', async () => {
    await pass(60_000);
    expect(api.asked).toEqual([]);
    await show();
    expect(api.asked).toEqual(['workers dimuon', 'timeline dimuon', 'logs dimuon {"lines":500}']);
    expect(clusters.watchers).toBe(1);
    await api.answer('workers', []);
    await api.answer('timeline', []);
    await api.answer('logs', { text: '', cursor: 'x:0', source: 'x', starts: [] });

    const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    await pass(60_000);
    expect(api.asked).toHaveLength(3);
    expect(clusters.watchers).toBe(0);

    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    await pass(0);
    expect(api.asked).toHaveLength(6);

    model.setShown(false);
    await api.answer('workers', []);
    await api.answer('timeline', []);
    await api.answer('logs', { text: '', cursor: 'x:0', source: 'x', starts: [] });
    await pass(60_000);
    expect(api.asked).toHaveLength(6);
    expect(clusters.watchers).toBe(0);
  });

  it('asks for the workers again after 15 s, or sooner when the cluster has changed', async () => {
    await show();
    set({ sequence: 2 });
    await pass(60_000);
    expect(asked('workers')).toBe(1);
    await api.answer('workers', [job()]);
    expect(record().workers.told).toHaveLength(1);
    await pass(0);
    // The change came while the question was open.
    expect(asked('workers')).toBe(2);
    await api.answer('workers', [job()]);

    await pass(14_000);
    expect(asked('workers')).toBe(2);
    await pass(1_500);
    expect(asked('workers')).toBe(3);
    await api.answer('workers', [job()]);
    set({ sequence: 3 });
    set({ sequence: 4 });
    await pass(1_000);
    expect(asked('workers')).toBe(3);
    await pass(1_000);
    expect(asked('workers')).toBe(4);
  });

  it('keeps what it knew when a question fails, and does not ask on and on', async () => {
    await show();
    await api.answer('workers', [job()]);
    await pass(15_000);
    await api.refuse('workers', new ApiError('No.'));
    expect(record().workers).toMatchObject({ told: [job()], trouble: { message: 'No.' } });
    set({ sequence: 2 });
    await pass(14_000);
    expect(asked('workers')).toBe(2);
    await pass(2_000);
    await api.answer('workers', []);
    expect(record().workers).toMatchObject({ told: [], trouble: null });
  });

  it('asks nothing of a server that is away', async () => {
    await show();
    await api.answer('workers', []);
    clusters.set({ trouble: new ServerAway('x') });
    await pass(60_000);
    expect(asked('workers')).toBe(1);
    clusters.set({ trouble: null });
    await pass(0);
    expect(asked('workers')).toBe(2);
  });

  it('asks once how it went, and goes on by itself, once a second', async () => {
    await show();
    const { counts } = cluster({ counts: { requested: 2, waiting: 2 } });
    await api.answer('timeline', [{ when: '2026-11-25T11:00:00Z', counts }]);
    expect(record().points).toHaveLength(2);
    for (let starting = 1; starting <= 10; starting++) {
      set({ counts: { starting } });
    }
    await pass(1_000);
    expect(record().points).toHaveLength(3);
    expect(record().points?.at(-1)?.counted.starting).toBe(10);
    await pass(60_000);
    expect(asked('timeline')).toBe(1);
    model.setShown(false);
    await show();
    expect(asked('timeline')).toBe(2);
  });

  it('keeps the past that it knows when a restarted scheduler tells another one', async () => {
    await show();
    const at = (time: string, counts: Parameters<typeof cluster>[0]): TimelinePoint => ({
      when: `2026-11-25T${time}Z`,
      counts: cluster(counts).counts
    });
    const past = [
      at('11:00:00', { counts: { waiting: 2 } }),
      at('11:01:00', { counts: { connected: 2 } })
    ];
    await api.answer('timeline', past);
    const drawn = record().points ?? [];
    model.setShown(false);
    await pass(3_000);
    await show();
    // The event log does not say who was connected.
    await api.answer('timeline', [
      at('11:00:01', { counts: { waiting: 2 } }),
      at('11:01:00', { counts: { starting: 2 } }),
      at('23:00:00', { counts: { connected: 1 } })
    ]);
    expect(record().points?.slice(0, drawn.length)).toEqual(drawn);
    expect(record().points?.[drawn.length]?.counted.connected).toBe(1);
  });

  it('takes over what happened while it was hidden', async () => {
    await show();
    const { counts } = cluster({ counts: { requested: 2, waiting: 2 } });
    const point = { when: '2026-11-25T11:00:00Z', counts };
    await api.answer('timeline', [point]);
    model.setShown(false);
    await pass(3_000);
    await show();
    const held = cluster({ counts: { held: 2 } }).counts;
    await api.answer('timeline', [point, { when: '2026-11-25T11:30:00Z', counts: held }]);
    expect(record().points?.map(({ counted }) => counted.stuck)).toEqual([0, 2, 0]);
  });

  it('draws nothing anew while nothing happens, but ages', async () => {
    await show();
    const changed = jest.fn();
    model.changed.connect(changed);
    await pass(10_000);
    expect(changed).toHaveBeenCalledTimes(2);
    expect(model.now).toBe(Date.now());
  });

  it('removes a job, and asks for what is left', async () => {
    await show();
    await api.answer('workers', [job()]);
    void record().remove('7.0');
    void record().remove('7.0');
    expect(record().busy.has('7.0')).toBe(true);
    expect(asked('removeWorker dimuon 7.0')).toBe(1);
    await api.answer('removeWorker');
    expect(record().busy.has('7.0')).toBe(true);
    await pass(2_000);
    await api.answer('workers', []);
    expect(record().busy.size).toBe(0);
  });

  it('tells why a job was not released', async () => {
    await show();
    void record().release('7.0');
    await api.refuse('releaseWorker', new ApiError('It is not on hold.'));
    expect(record().problem).toMatchObject({
      worker: '7.0',
      error: { message: 'It is not on hold.' }
    });
    expect(record().busy.size).toBe(0);
    void record().release('7.0');
    expect(record().problem).toBeNull();
  });

  it('keeps what was known of a cluster that is gone, and begins anew with its successor', async () => {
    await show();
    await api.answer('workers', [job()]);
    clusters.set({ entries: [] });
    await pass(60_000);
    expect(model.gone).toBe(true);
    expect(record().workers.told).toEqual([job()]);
    expect(asked('workers')).toBe(1);

    clusters.set({ entries: [entry({ id: 8 })] });
    await pass(0);
    expect(model.gone).toBe(false);
    expect(record().workers.told).toBeNull();
    // The first one is about the cluster that was.
    await api.answer('timeline', [
      { when: '2026-11-25T11:00:00Z', counts: entry().cluster.counts }
    ]);
    expect(record().points).toBeNull();
    await api.answer('workers', []);
    expect(record().workers.told).toEqual([]);
  });

  it('does not say that a cluster is gone before it knows', () => {
    const early = new SetClusters();
    early.seen = null;
    const waiting = new DetailsModel('dimuon', api, early);
    expect(waiting.gone).toBe(false);
    waiting.dispose();
  });

  it('asks only once for workers and log of a cluster that has ended', async () => {
    set({ state: 'ended', ended: '2026-11-25T11:59:00Z' });
    await show();
    await api.answer('workers', [job()]);
    await api.answer('logs', { text: 'one', cursor: 'a.log:3', source: 'a.log', starts: [] });
    await pass(60_000);
    expect(asked('workers')).toBe(1);
    expect(asked('logs')).toBe(1);
    record().log.choose({ worker: '7.0' });
    await pass(0);
    expect(asked('logs')).toBe(2);
  });

  describe('the log', () => {
    const tell = async (text: string, cursor: string): Promise<void> => {
      await api.answer('logs', { text, cursor, source: cursor.split(':')[0], starts: [] });
    };
    const last = (): string | undefined => api.asked.filter(what => what.startsWith('logs')).at(-1);

    beforeEach(show);

    it('is followed from where it was read to', async () => {
      await tell('one\ntw', 'a.log:6');
      expect(record().log.lines).toEqual(['one', 'tw']);
      await pass(1_900);
      expect(asked('logs')).toBe(1);
      await pass(100);
      expect(last()).toBe('logs dimuon {"lines":500,"after":"a.log:6"}');
      await tell('o\n', 'a.log:8');
      expect(record().log.lines).toEqual(['one', 'two', '']);
    });

    it('is drawn anew only when something was written', async () => {
      await tell('one\n', 'a.log:4');
      const changed = jest.fn();
      record().log.changed.connect(changed);
      await pass(2_000);
      await tell('', 'a.log:4');
      expect(changed).not.toHaveBeenCalled();
    });

    it('is another one after the scheduler has started again', async () => {
      await tell('one\n', 'a.log:4');
      await pass(2_000);
      await tell('anew\n', 'b.log:5');
      expect(record().log.lines).toEqual(['anew', '']);
      expect(record().log.source).toBe('b.log');
    });

    it('is not asked for when it is not followed', async () => {
      record().log.choose({ follow: false });
      await tell('one\n', 'a.log:4');
      await pass(60_000);
      expect(asked('logs')).toBe(1);
      record().log.choose({ follow: true });
      await pass(0);
      expect(last()).toContain('"after":"a.log:4"');
    });

    it('is that of the worker that was chosen last', async () => {
      record().log.choose({ worker: '7.0', count: 100 });
      await pass(0);
      expect(last()).toBe('logs dimuon {"worker":"7.0","lines":100}');
      await tell('of the scheduler', 'a.log:16');
      expect(record().log.lines).toBeNull();
      await tell('of the worker', 'w.out:13');
      expect(record().log.lines).toEqual(['of the worker']);
    });

    it('says why there is none, and tries again', async () => {
      await api.refuse('logs', new ApiError('It has not started yet.'));
      expect(record().log.trouble?.message).toBe('It has not started yet.');
      await pass(14_000);
      expect(asked('logs')).toBe(1);
      await pass(1_000);
      await tell('one', 'a.log:3');
      expect(record().log.trouble).toBeNull();
    });
  });
});
