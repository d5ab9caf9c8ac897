import type { Cluster, Run } from '../../src/api';
import type { IScene } from '../../src/news/reducer';
import { entry, explanation, runEntry } from '../support';
import { at, MINUTE, SECOND, START, Story } from './support';

let story: Story;

beforeEach(() => {
  story = new Story();
});

const workers = (connected: number, parts: Partial<Cluster> = {}): Partial<IScene> => ({
  entries: [entry({ workers: 8, ...parts, counts: { connected } })]
});

describe('news of workers', () => {
  it('tells of the first one, and of the last one that was requested', () => {
    story.step({});
    expect(story.step(workers(0, { state: 'pending' }))).toEqual([]);
    expect(story.step(workers(1))).toEqual(['dimuon: the first of 8 workers has arrived.']);
    expect(story.step(workers(5))).toEqual([]);
    expect(story.step(workers(8))).toEqual(['dimuon: all of its 8 workers have arrived.']);
    expect(story.step(workers(8))).toEqual([]);
  });

  it('tells once of the first and the last if they come together', () => {
    story.step({});
    expect(story.step(workers(8))).toEqual(['dimuon: all of its 8 workers have arrived.']);
    story = new Story();
    story.step(workers(0, { workers: 1 }));
    expect(story.step(workers(1, { workers: 1 }))).toEqual(['dimuon: the worker has arrived.']);
  });

  it('tells nothing of those that were there when the page was loaded', () => {
    expect(story.step(workers(8))).toEqual([]);
    story = new Story();
    expect(story.step(workers(3))).toEqual([]);
    expect(story.step(workers(4))).toEqual([]);
    expect(story.step(workers(8))).toHaveLength(1);
  });

  it('tells nothing of a worker that takes the place of a lost one', () => {
    story.step(workers(8));
    expect(story.step(workers(7))).toEqual([]);
    expect(story.step(workers(0))).toEqual([]);
    expect(story.step(workers(8))).toEqual([]);
  });

  it('tells of the last one after the cluster was scaled up, not down', () => {
    story.step(workers(8));
    expect(story.step(workers(8, { workers: 4, generation: 2 }))).toEqual([]);
    expect(story.step(workers(4, { workers: 4, generation: 2 }))).toEqual([]);
    expect(story.step(workers(4, { workers: 6, generation: 3 }))).toEqual([]);
    expect(story.step(workers(6, { workers: 6, generation: 3 }))).toEqual([
      'dimuon: all of its 6 workers have arrived.'
    ]);
    expect(story.step(workers(6, { workers: 0, generation: 4 }))).toEqual([]);
    expect(story.step(workers(0, { workers: 0, generation: 4 }))).toEqual([]);
  });

  it('tells of the first worker of an adaptive cluster, once', () => {
    const adaptive = { workers: null, adapt: { minimum: 0, maximum: 9 } };
    story.step(workers(0, adaptive));
    expect(story.step(workers(2, adaptive))).toEqual(['dimuon: the first worker has arrived.']);
    story.step(workers(0, adaptive));
    expect(story.step(workers(2, adaptive))).toEqual([]);
  });

  it('begins again with a cluster that starts again', () => {
    story.step(workers(8));
    story.step(workers(0, { state: 'failed' }));
    expect(story.over).toContain('workers 1');
    story.step(workers(0, { state: 'pending' }));
    expect(story.step(workers(8))).toEqual(['dimuon: all of its 8 workers have arrived.']);
  });
});

describe('news of jobs on hold', () => {
  const held = (count: number, why?: string, parts: Partial<Cluster> = {}): Partial<IScene> => ({
    entries: [
      entry(
        { ...parts, counts: { held: count } },
        { why: why === undefined ? null : explanation({ why_held: why }) }
      )
    ]
  });

  it('tells of them once the reason is known, and once for one cause', () => {
    story.step(held(0));
    expect(story.step(held(2))).toEqual([]);
    const [news, ...others] = story.news(held(2, 'the disk is full'));
    expect(others).toEqual([]);
    expect(news).toMatchObject({
      message: 'dimuon: 2 jobs are on hold: the disk is full',
      action: 'showDetails',
      tone: 'warning'
    });
    expect(story.step(held(3, 'the disk is full'))).toEqual([]);
    expect(story.step(held(0, ''))).toEqual([]);
    expect(story.over).toEqual(['holds 1']);
    expect(story.step(held(1, 'the disk is full'))).toHaveLength(1);
  });

  it('does not wait for ever for the reason', () => {
    story.step(held(0));
    story.step(held(1, '', {}));
    expect(story.step({ ...held(1), now: START + 30 * SECOND })).toEqual([
      'dimuon: 1 job is on hold.'
    ]);
  });

  it('tells nothing of those that were held before, or of a cluster that is stopped', () => {
    expect(story.step(held(2, 'no memory'))).toEqual([]);
    expect(story.step(held(3, 'no memory'))).toEqual([]);
    expect(story.step(held(0))).toEqual([]);
    expect(story.step(held(2, 'no memory', { state: 'stopping' }))).toEqual([]);
  });

  it('shortens a long reason', () => {
    story.step(held(0));
    const [message = ''] = story.step(held(1, 'x'.repeat(200)));
    expect(message).toHaveLength(140);
    expect(message.endsWith('x…')).toBe(true);
  });
});

describe('news of a cluster that fails', () => {
  const is = (state: Cluster['state'], reason: string | null = null): Partial<IScene> => ({
    entries: [entry({ state, reason })]
  });

  it('tells why, and offers to start it again', () => {
    story.step(is('running'));
    expect(story.news(is('failed', 'No such module: dask.'))).toMatchObject([
      {
        message: 'The cluster dimuon has failed: No such module: dask.',
        action: 'startAgain',
        tone: 'error'
      }
    ]);
    expect(story.step(is('failed', 'No such module: dask.'))).toEqual([]);
    expect(story.step(is('pending'))).toEqual([]);
    expect(story.over).toContain('cluster 1');
    expect(story.step(is('held', 'put on hold by hand'))).toEqual([
      'The cluster dimuon is on hold: put on hold by hand'
    ]);
  });

  it('tells of a cluster that has failed before it was seen to start', () => {
    story.step({});
    expect(story.step(is('failed', 'x'))).toHaveLength(1);
  });

  it('tells nothing of one that had failed before the page was loaded', () => {
    expect(story.step(is('failed', 'x'))).toEqual([]);
    expect(story.step(is('failed', 'x'))).toEqual([]);
  });

  it('tells nothing of one that the user stops', () => {
    story.step(is('running'));
    story.step(is('stopping'));
    expect(story.step(is('failed'))).toEqual([]);
    expect(story.step({})).toEqual([]);
  });

  it('is over when the cluster is gone', () => {
    story.step(is('failed', 'x'));
    story.step({});
    expect(story.over).toContain('cluster 1');
  });
});

describe('news of a cluster that ends', () => {
  const idle = (left: number, now: number, whole = 60 * MINUTE): Partial<IScene> => ({
    now: START + now,
    entries: [
      entry({ ends_at: at(now + left), idle_since: at(now + left - whole) }, { state: 'running' })
    ]
  });

  it('tells it five minutes before, once, and offers to keep it', () => {
    expect(story.step(idle(6 * MINUTE, 0))).toEqual([]);
    expect(story.news(idle(5 * MINUTE, MINUTE))).toMatchObject([
      {
        message: 'The cluster dimuon has no tasks, and ends within 5 min.',
        action: 'keep',
        tone: 'warning'
      }
    ]);
    expect(story.step(idle(4 * MINUTE, 2 * MINUTE))).toEqual([]);
  });

  it('tells it when the page is loaded: it has not happened yet', () => {
    expect(story.step(idle(2.5 * MINUTE, 0))).toEqual([
      'The cluster dimuon has no tasks, and ends within 3 min.'
    ]);
  });

  it('tells it at half time if a cluster lives shorter', () => {
    expect(story.step(idle(80 * SECOND, 0, 2 * MINUTE))).toEqual([]);
    expect(story.step(idle(60 * SECOND, 20 * SECOND, 2 * MINUTE))).toHaveLength(1);
  });

  it('is over when it gets tasks or is kept, and may come again', () => {
    story.step(idle(4 * MINUTE, 0));
    story.step({ now: START + MINUTE, entries: [entry()] });
    expect(story.over).toContain('end 1');
    expect(story.step(idle(4 * MINUTE, 70 * MINUTE))).toHaveLength(1);
    story.step(idle(60 * MINUTE, 71 * MINUTE));
    expect(story.over).toContain('end 1');
  });

  it('follows up when it has ended', () => {
    story.step(idle(4 * MINUTE, 0));
    const ended = { entries: [entry({ state: 'ended', reason: 'It had no task for 1 h.' })] };
    expect(story.news(ended)).toMatchObject([
      {
        subject: 'end 1',
        message: 'The cluster dimuon has ended: It had no task for 1 h.',
        isFollowUp: true
      }
    ]);
    expect(story.over).not.toContain('end 1');
    expect(story.step(ended)).toEqual([]);
  });

  it('tells that it has ended if the end was not seen to come', () => {
    story.step({ entries: [entry()] });
    const ended = { entries: [entry({ state: 'ended', reason: 'It had no task for 1 h.' })] };
    expect(story.news(ended)).toMatchObject([{ isFollowUp: false }]);
    story = new Story();
    expect(story.step(ended)).toEqual([]);
  });

  it('tells nothing of one that the user stops', () => {
    story.step({ entries: [entry({}, { state: 'stopping' })] });
    expect(story.step({ entries: [entry({ state: 'ended' })] })).toEqual([]);
  });
});

describe('news of runs', () => {
  const run = (state: Run['state'], parts: Partial<Run> = {}, more = {}): Partial<IScene> => ({
    runs: [runEntry({ state, created: at(0), changed: at(12 * MINUTE), ...parts }, more)]
  });

  it('tells of the end of a long one', () => {
    story.step(run('running'));
    expect(story.news(run('ended'))).toMatchObject([
      { message: 'The run fit has ended, after 12 min.', action: 'showRuns', tone: 'success' }
    ]);
    expect(story.step(run('ended'))).toEqual([]);
  });

  it('tells why it failed or is held', () => {
    story.step(run('pending'));
    expect(story.news(run('held', { reason: 'no memory' }))).toMatchObject([
      { kind: 'jobsHeld', message: 'The jobs of the run fit are on hold: no memory' }
    ]);
    expect(story.news(run('failed', { reason: '2 calls failed' }))).toMatchObject([
      { message: 'The run fit has failed, after 12 min: 2 calls failed', action: 'showRunLog' }
    ]);
    expect(story.over).toEqual(['run fit']);
  });

  it('tells nothing of a short one, of one that the user cancels, or of one that was over', () => {
    story.step(run('running'));
    expect(story.step(run('ended', { changed: at(30 * SECOND) }))).toEqual([]);
    story = new Story();
    story.step(run('running', {}, { change: 'cancel' }));
    expect(story.step(run('failed'))).toEqual([]);
    story = new Story();
    expect(story.step(run('failed'))).toEqual([]);
    story = new Story();
    story.step({});
    expect(story.step(run('failed'))).toEqual([]);
  });
});
