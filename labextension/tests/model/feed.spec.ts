import { CondorUnavailable, ExtensionMissing, ServerAway } from '../../src/api';
import { Feed } from '../../src/model/feed';
import { cluster, HoldsAnswersBack, settle } from '../support';

describe('Feed', () => {
  let api: HoldsAnswersBack;
  let feed: Feed;
  let heard: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    api = new HoldsAnswersBack();
    feed = new Feed(api);
    heard = [];
    feed.message.connect((_, { type }) => {
      heard.push(type);
    });
  });

  afterEach(() => {
    feed.dispose();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  const pass = async (milliseconds: number): Promise<void> => {
    await jest.advanceTimersByTimeAsync(milliseconds);
    await settle();
  };

  const hide = (hidden: boolean): void => {
    jest.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
    document.dispatchEvent(new Event('visibilitychange'));
  };

  const attempts = (): number => api.asked.filter(kind => kind === 'listen').length;

  it('listens over one connection while somebody watches', async () => {
    expect(api.asked).toEqual([]);
    const watches = [feed.watch(), feed.watch()];
    expect(attempts()).toBe(1);
    api.tellAll([]);
    expect(heard).toEqual(['snapshot']);
    watches[0]?.dispose();
    await pass(5_000);
    expect(api.listeners.size).toBe(1);
    watches[1]?.dispose();
    await pass(5_000);
    expect(api.listeners.size).toBe(0);
    feed.watch();
    expect(attempts()).toBe(2);
  });

  it('keeps its connection when one watcher follows another', async () => {
    feed.watch().dispose();
    await pass(1_000);
    feed.watch();
    await pass(5_000);
    expect([attempts(), api.listeners.size]).toEqual([1, 1]);
  });

  it('has heard nothing before the queue was looked at', () => {
    feed.watch();
    api.tell({
      type: 'snapshot',
      id: null,
      data: { clusters: [], explanations: {}, runs: [], pool: null, health: null }
    });
    api.tell({ type: 'cluster', id: '1', data: cluster() });
    expect(feed.seen).toBeNull();
    let changes = 0;
    feed.changed.connect(() => {
      changes += 1;
    });
    const health = { ok: true, message: null, code: null, seen: null };
    api.tell({ type: 'health', id: null, data: health });
    expect(feed.seen).not.toBeNull();
    expect(changes).toBe(1);
  });

  it('closes a minute after the document was hidden, and opens when it is seen', async () => {
    feed.watch();
    hide(true);
    await pass(59_000);
    expect(api.listeners.size).toBe(1);
    await pass(2_000);
    expect(api.listeners.size).toBe(0);
    await pass(3_600_000);
    expect(api.asked).toEqual(['listen']);
    hide(false);
    expect(api.listeners.size).toBe(1);
  });

  it('keeps its connection when the document is hidden for a moment', async () => {
    feed.watch();
    hide(true);
    await pass(10_000);
    hide(false);
    await pass(3_000);
    hide(true);
    await pass(59_000);
    expect(attempts()).toBe(1);
    expect(api.listeners.size).toBe(1);
  });

  it('opens nothing while the document is hidden', async () => {
    hide(true);
    feed.watch();
    await pass(10_000);
    expect(api.asked).toEqual([]);
    hide(false);
    expect(attempts()).toBe(1);
  });

  it('says why it hears nothing, asks ever less often, and recovers by itself', async () => {
    feed.watch();
    api.tellAll([]);
    const seen = feed.seen;
    await pass(5_000);
    const times: number[] = [];
    for (let second = 0; second < 100; second++) {
      api.hangUp();
      await pass(0);
      if (api.open('root') > 0) {
        times.push(second);
        await api.refuse('root', new ServerAway('away'));
      }
      await pass(1_000);
    }
    expect(feed.trouble).toBeInstanceOf(ServerAway);
    expect(feed.seen).toBe(seen);
    expect(times.length).toBeLessThan(20);
    const gaps = times.slice(1).map((second, index) => second - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(11);
    await pass(11_000);
    api.tellAll([]);
    expect(feed.trouble).toBeNull();
  });

  it('is away when the server does not say anything for long', async () => {
    feed.watch();
    api.hangUp();
    await pass(10_100);
    expect(feed.trouble).toBeInstanceOf(ServerAway);
  });

  it('asks seldom for an extension that is missing', async () => {
    feed.watch();
    api.hangUp();
    await api.refuse('root', new ExtensionMissing('Not Found'));
    expect(feed.trouble).toBeInstanceOf(ExtensionMissing);
    await pass(59_000);
    expect(api.asked).toEqual(['listen', 'root']);
    await pass(2_000);
    expect(attempts()).toBe(2);
  });

  it('says so when the server answers, but never by events', async () => {
    feed.watch();
    for (let time = 0; time < 3; time++) {
      expect(feed.trouble).toBeNull();
      api.hangUp();
      await api.answer('root');
      await pass(10_000);
    }
    expect(feed.trouble?.message).toContain('WebSockets');
    api.tellAll([]);
    expect(feed.trouble).toBeNull();
  });

  it('makes a connection anew that is silent for too long', async () => {
    feed.watch();
    api.tellAll([]);
    await pass(70_000);
    api.tell({ type: 'pool', id: null, data: {} as never });
    await pass(70_000);
    expect(attempts()).toBe(1);
    await pass(6_000);
    await api.answer('root');
    await pass(1_000);
    expect(attempts()).toBe(2);
  });

  it('tells what HTCondor lacks, until it is well again', () => {
    feed.watch();
    api.tellAll([], { ok: false, message: 'No answer in 20 s.', code: 'CondorUnavailable' });
    expect(feed.trouble).toBeInstanceOf(CondorUnavailable);
    expect(feed.trouble?.message).toBe('No answer in 20 s.');
    api.tell({
      type: 'health',
      id: null,
      data: { ok: true, message: null, code: null, seen: null }
    });
    expect(feed.trouble).toBeNull();
  });

  it('tries at once when it is told to', async () => {
    feed.watch();
    api.hangUp();
    await api.refuse('root', new ExtensionMissing('Not Found'));
    feed.retry();
    expect(attempts()).toBe(2);
    api.tellAll([]);
    feed.retry();
    expect(attempts()).toBe(2);
  });
});
