import { ApiError, ServerAway } from '../../src/api';
import { Feed } from '../../src/model/feed';
import { RunsModel } from '../../src/model/runs';
import { HoldsAnswersBack, run, settle } from '../support';

describe('RunsModel', () => {
  let api: HoldsAnswersBack;
  let feed: Feed;
  let runs: RunsModel;

  beforeEach(() => {
    jest.useFakeTimers();
    api = new HoldsAnswersBack();
    feed = new Feed(api);
    runs = new RunsModel(api, feed);
    feed.watch();
  });

  afterEach(() => {
    runs.dispose();
    feed.dispose();
    jest.useRealTimers();
  });

  const names = (): string[] => runs.entries.map(({ run }) => run.name);
  const changes = (): (string | null)[] => runs.entries.map(({ change }) => change);
  const done = (): number | undefined => runs.entries[0]?.run.progress.done;

  it('lists the runs of the events, the newest first', () => {
    api.tellAll([], {}, [
      run({ name: 'old', created: '2026-11-24T12:00:00Z' }),
      run({ name: 'b' }),
      run({ name: 'a' })
    ]);
    expect(names()).toEqual(['a', 'b', 'old']);
    api.tell({
      type: 'run',
      id: 'new',
      data: run({ name: 'new', created: '2026-11-26T12:00:00Z' })
    });
    expect(names()).toEqual(['new', 'a', 'b', 'old']);
    api.tell({ type: 'run-gone', id: 'a', data: null });
    expect(names()).toEqual(['new', 'b', 'old']);
    api.tellAll([], {}, [run({ name: 'b' })]);
    expect(names()).toEqual(['b']);
  });

  it('keeps what it knows while a new server reads the runs', () => {
    api.tellAll([], {}, [run({ name: 'a' }), run({ name: 'b' })]);
    api.tell({
      type: 'snapshot',
      id: null,
      data: { clusters: [], explanations: {}, runs: [], pool: null, health: null }
    });
    expect(names()).toEqual(['a', 'b']);
    api.tell({ type: 'run', id: 'b', data: run({ name: 'b' }) });
    expect(names()).toEqual(['a', 'b']);
    const health = { ok: true, message: null, code: null, seen: null };
    api.tell({ type: 'health', id: null, data: health });
    expect(names()).toEqual(['b']);
  });

  it('does not go back to what is older', () => {
    const newer = run({ changed: '2026-11-25T12:02:00Z', progress: { done: 130 } });
    api.tellAll([], {}, [newer]);
    api.tell({ type: 'run', id: 'fit', data: run() });
    expect(done()).toBe(130);
    // Another run of this name.
    const another = run({ created: '2026-11-25T12:05:00Z', changed: '2026-11-25T12:05:00Z' });
    api.tell({ type: 'run', id: 'fit', data: another });
    expect(done()).toBe(120);
  });

  it('asks the server', async () => {
    void runs.refresh();
    await api.answer('runs', [run()]);
    expect(names()).toEqual(['fit']);
    void runs.refresh();
    await api.refuse('runs', new ServerAway('x'));
    expect(runs.trouble).toBeInstanceOf(ServerAway);
    expect(names()).toEqual(['fit']);
  });

  it('cancels until all calls have ended', async () => {
    api.tellAll([], {}, [run()]);
    void runs.cancel('fit');
    expect(changes()).toEqual(['cancel']);
    void runs.cancel('fit');
    await api.answer('cancelRun', run());
    expect(api.asked.filter(kind => kind === 'cancelRun fit')).toHaveLength(1);
    // Its jobs are still in the queue.
    expect(changes()).toEqual(['cancel']);
    const cancelled = run({ state: 'failed', progress: { running: 0, erred: 380 } });
    api.tell({ type: 'run', id: 'fit', data: cancelled });
    expect(changes()).toEqual([null]);
  });

  it('does not wait for ever for the calls to end', async () => {
    api.tellAll([], {}, [run()]);
    void runs.cancel('fit');
    await api.answer('cancelRun', run());
    jest.setSystemTime(Date.now() + 31_000);
    api.tell({ type: 'run', id: 'fit', data: run() });
    expect(changes()).toEqual([null]);
  });

  it('runs again', async () => {
    api.tellAll([], {}, [run({ state: 'failed', progress: { done: 400, erred: 100 } })]);
    void runs.again('fit');
    expect(changes()).toEqual(['again']);
    await api.answer('runAgain', run({ progress: { done: 400 } }));
    expect(changes()).toEqual([null]);
    expect(runs.entries[0]?.run.progress.erred).toBe(0);
  });

  it('removes', async () => {
    api.tellAll([], {}, [run()]);
    void runs.remove('fit');
    expect(changes()).toEqual(['remove']);
    await api.answer('removeRun');
    expect(names()).toEqual([]);
  });

  it('keeps why a change was refused, until the next one', async () => {
    api.tellAll([], {}, [run()]);
    void runs.remove('fit');
    await api.refuse('removeRun', new ApiError('The disk is full.'));
    expect(runs.entries[0]).toMatchObject({
      change: null,
      problem: { message: 'The disk is full.' }
    });
    void runs.remove('fit');
    expect(runs.entries[0]?.problem).toBeNull();
    await settle();
  });

  it('reads the failed tasks and the end of a log', async () => {
    const tasks = runs.tasks('fit');
    await api.answer('failedTasks fit', []);
    expect(await tasks).toEqual([]);
    void runs.log('fit', '0.17');
    expect(api.open('taskLog fit 0.17 500')).toBe(1);
  });
});
