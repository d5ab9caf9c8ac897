import type { Run } from '../../src/api';
import type { IScene } from '../../src/news/reducer';
import { entry } from '../support';
import { at, MINUTE, SECOND, START, Story } from './support';

let story: Story;

beforeEach(() => {
  story = new Story();
});

describe('news of computations', () => {
  const NAMES = new Set(['dimuon']);

  const busy = (now: number, erred = 0): Partial<IScene> => ({
    now: START + now,
    entries: [withProgress({ done: 10, total: 100, erred })]
  });

  const quiet = (now: number, since = now, parts: Partial<IScene> = {}): Partial<IScene> => ({
    now: START + now,
    entries: [withProgress(null, at(since))],
    ...parts
  });

  function withProgress(
    progress: Partial<Run['progress']> | null,
    idle_since: string | null = null
  ): IScene['entries'][number] {
    const { cluster, ...rest } = entry({ idle_since });
    return { ...rest, cluster: Object.assign({}, cluster, { progress }) };
  }

  it('tells of the end of a long one, when no tasks follow', () => {
    story.step(busy(0));
    story.step(busy(2 * MINUTE));
    expect(story.step(quiet(3 * MINUTE))).toEqual([]);
    expect(story.news(quiet(3 * MINUTE + 5 * SECOND, 3 * MINUTE))).toMatchObject([
      { message: 'dimuon: a computation of 3 min has ended.', action: 'showPlots', tone: 'success' }
    ]);
    expect(story.step(quiet(4 * MINUTE, 3 * MINUTE))).toEqual([]);
  });

  it('takes what follows within seconds as the same one', () => {
    story.step(busy(0));
    story.step(quiet(50 * SECOND));
    story.step(busy(52 * SECOND));
    story.step(quiet(70 * SECOND));
    expect(story.step(quiet(75 * SECOND, 70 * SECOND))).toEqual([
      'dimuon: a computation of 1 min has ended.'
    ]);
  });

  it('tells how many tasks failed', () => {
    story.step(busy(0));
    story.step(busy(2 * MINUTE, 3));
    story.step(quiet(3 * MINUTE));
    expect(story.news(quiet(4 * MINUTE, 3 * MINUTE))).toMatchObject([
      { message: 'dimuon: a computation of 3 min has ended: 3 tasks failed', tone: 'warning' }
    ]);
  });

  it('tells nothing of a short one', () => {
    story.step(busy(0));
    story.step(quiet(59 * SECOND));
    expect(story.step(quiet(70 * SECOND, 59 * SECOND))).toEqual([]);
  });

  it('tells nothing while the notebook is in front, even if it is left just afterwards', () => {
    story.step(busy(0));
    const seen = { inFront: NAMES, open: NAMES };
    expect(story.step(quiet(2 * MINUTE, 2 * MINUTE, seen))).toEqual([]);
    expect(story.step(quiet(3 * MINUTE, 2 * MINUTE))).toEqual([]);
  });

  it('leads to the notebook if it is open', () => {
    story.step(busy(0));
    story.step(quiet(2 * MINUTE));
    const told = story.news(quiet(3 * MINUTE, 2 * MINUTE, { inFront: NAMES, open: NAMES }));
    expect(told).toMatchObject([{ action: 'showNotebook' }]);
  });

  it('knows when it ended although nobody looked', () => {
    story.step(busy(0));
    expect(story.step(quiet(60 * MINUTE, 12 * MINUTE))).toEqual([]);
    expect(story.step(quiet(61 * MINUTE, 12 * MINUTE))).toEqual([
      'dimuon: a computation of 12 min has ended.'
    ]);
  });

  it('does not believe a clock that is wrong', () => {
    story.step(busy(0));
    story.step(quiet(2 * MINUTE, -60 * MINUTE));
    expect(story.step(quiet(3 * MINUTE, -60 * MINUTE))).toEqual([
      'dimuon: a computation of 2 min has ended.'
    ]);
  });

  it('tells nothing of one that was lost with its scheduler', () => {
    story.step(busy(0));
    story.step({ now: START + 2 * MINUTE, entries: [entry({ state: 'pending' })] });
    story.step(quiet(3 * MINUTE));
    expect(story.step(quiet(4 * MINUTE, 3 * MINUTE))).toEqual([]);
  });
});
