import { History } from '../../src/model/history';
import { cluster } from '../support';

const MINUTE = 60_000;

describe('History', () => {
  let history: History;

  beforeEach(() => {
    history = new History();
  });

  const add = (minutes: number, connected: number, cpu: number | null = null): void => {
    history.add(cluster({ cpu, counts: { requested: 9, connected } }), minutes * MINUTE);
  };

  it('has a moment for each change', () => {
    add(0, 1);
    add(1, 1);
    add(2, 2);
    add(3, 2, 0.5);
    expect(history.moments).toEqual([
      { when: 0, connected: 1, wanted: 9, cpu: null },
      { when: 2 * MINUTE, connected: 2, wanted: 9, cpu: null },
      { when: 3 * MINUTE, connected: 2, wanted: 9, cpu: 0.5 }
    ]);
  });

  it('goes back ten minutes, and knows how it was then', () => {
    add(0, 1);
    add(1, 2);
    add(2, 3);
    add(11.5, 4);
    expect(history.moments.map(({ connected }) => connected)).toEqual([2, 3, 4]);
  });

  it('counts changes within a second as one', () => {
    add(0, 0);
    for (let step = 1; step <= 50; step++) {
      add(1 + step / 1000 / 60, step);
    }
    expect(history.moments.map(({ connected }) => connected)).toEqual([0, 50]);
  });

  describe('of the time before the page was open', () => {
    const points = [1, 3, 4, 12].map((minutes, index) => ({
      when: new Date(minutes * MINUTE).toISOString(),
      counts: cluster({ counts: { requested: 9, connected: index } }).counts
    }));

    it('is what the server recorded, up to the first moment here', () => {
      add(11.5, 7);
      add(12.5, 8);
      history.recall(points);
      expect(history.moments.map(({ when, connected }) => [when / MINUTE, connected])).toEqual([
        [1, 0],
        [3, 1],
        [4, 2],
        [11.5, 7],
        [12.5, 8]
      ]);
    });

    it('goes back ten minutes, too', () => {
      add(13.5, 7);
      history.recall(points);
      expect(history.moments.map(({ connected }) => connected)).toEqual([1, 2, 3, 7]);
    });
  });

  it('gives a new list for each change', () => {
    add(0, 1);
    const before = history.moments;
    add(1, 2);
    expect(before).toHaveLength(1);
  });
});
