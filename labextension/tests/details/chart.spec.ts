import { layOut } from '../../src/details/chart';
import { extended, type IPoint } from '../../src/details/layers';
import { point } from './support';

const SIZE = { width: 668, height: 132 };

function chart(points: readonly IPoint[], now = 600_000, zone = 0): ReturnType<typeof layOut> {
  return layOut(points, now, SIZE, zone);
}

describe('layOut', () => {
  it('draws steps, each layer upon the others', () => {
    // 600 px for 600 s, 100 px for 10 workers.
    const { areas } = chart([point(0, 0, 0, 10), point(300, 4, 1, 5)]);
    const [connected, starting, waiting] = areas.map(({ path }) => path);
    expect(connected).toBe('M40,108L340,108L340,68L640,68L640,108L340,108L340,108L40,108Z');
    expect(starting).toBe('M40,108L340,108L340,58L640,58L640,68L340,68L340,108L40,108Z');
    expect(waiting).toBe('M40,8L340,8L340,8L640,8L640,58L340,58L340,108L40,108Z');
  });

  it('ends at the present, or at a point that is newer by another clock', () => {
    expect(chart([point(0, 1)]).end).toBe(600_000);
    expect(chart([point(0, 1), point(700, 2)]).end).toBe(700_000);
  });

  it('marks whole numbers of workers', () => {
    const marks = (workers: number): number[] =>
      chart([point(0, workers)]).counts.map(({ value }) => value);
    expect(marks(0)).toEqual([0, 1]);
    expect(marks(3)).toEqual([0, 1, 2, 3]);
    expect(marks(17)).toEqual([0, 5, 10, 15, 20]);
    expect(marks(1000)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(chart([point(0, 1)]).counts.at(-1)?.at).toBe(8);
  });

  it('marks round local times, not too near to each other', () => {
    const HOUR = 3_600_000;
    const { step, times } = chart([point(600, 1)], 6 * HOUR + 600_000, HOUR / 2);
    expect(step).toBe(HOUR);
    expect(times.map(({ value }) => value / HOUR)).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5]);
    const gaps = times.slice(1).map(({ at }, index) => at - (times[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(80);
  });

  it('draws at most one step per pixel, and tells the newest numbers', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => point(index / 100, index % 7));
    const { areas, now, most } = chart([...many, point(200, 5)], 200_000);
    expect(areas[0]?.path.split('L').length).toBeLessThan(4 * 610);
    expect(now.connected).toBe(5);
    expect(most.connected).toBe(6);
  });

  it('is not upset by a narrow place, or a single moment', () => {
    const { areas } = layOut([point(0, 0)], 0, { width: 10, height: 132 }, 0);
    expect(areas.map(({ path }) => path).join()).not.toMatch(/NaN|Infinity/);
  });
});

describe('extended', () => {
  it('adds what is new, never before the last moment', () => {
    const points = [point(0, 1)];
    expect(extended(points, point(9, 1))).toBe(points);
    expect(extended(points, point(9, 2))).toEqual([point(0, 1), point(9, 2)]);
    expect(extended([point(9, 1)], point(5, 2))).toEqual([point(9, 1), point(9, 2)]);
  });
});
