import { sparkPaths } from '../../src/clusters/sparkpaths';
import type { IMoment } from '../../src/tokens';

const MINUTE = 60_000;

function moment(minutes: number, connected: number, cpu: number | null = null): IMoment {
  return { when: minutes * MINUTE, connected, wanted: 10, cpu };
}

describe('sparkPaths', () => {
  it('steps from moment to moment, the newest at the end', () => {
    const { connected, wanted } = sparkPaths(
      [moment(0, 0), moment(5, 5), moment(10, 10)],
      0,
      100,
      12
    );
    expect(connected).toBe('M0 11H50V6H100V1H100V12H0Z');
    expect(wanted).toBe('M0 1H50V1H100V1H100');
  });

  it('goes on to now', () => {
    const { connected } = sparkPaths([moment(0, 0), moment(5, 10)], 10 * MINUTE, 100, 12);
    expect(connected).toBe('M0 11H50V1H100V12H0Z');
    const old = sparkPaths([moment(0, 0), moment(5, 10)], 20 * MINUTE, 100, 12);
    expect(old.connected).toBe('M0 11H0V1H100V12H0Z');
  });

  it('draws ten minutes at most, and one at least', () => {
    const long = sparkPaths([moment(0, 5), moment(15, 5), moment(20, 5)], 0, 100, 12);
    expect(long.connected).toBe('M0 6H50V6H100V6H100V12H0Z');
    const short = sparkPaths([moment(0, 5), moment(0.5, 5)], 0, 100, 12);
    expect(short.connected).toBe('M50 6H100V6H100V12H50Z');
  });

  it('draws the CPU from where it is known', () => {
    const { cpu } = sparkPaths([moment(0, 1), moment(5, 1, 0.5), moment(10, 1, 1)], 0, 100, 12);
    expect(cpu).toBe('M50 6H100V1H100');
    expect(sparkPaths([moment(0, 1)], 0, 100, 12).cpu).toBe('');
    const away = [moment(0, 1, 0.5), moment(2, 0), moment(6, 1, 1), moment(10, 0)];
    expect(sparkPaths(away, 0, 100, 12).cpu).toBe('M0 6H20M60 1H100');
  });

  it('is never long, and ends with the newest moment', () => {
    const history = Array.from({ length: 5_000 }, (_, index) => moment(index / 500, index % 10));
    const { connected } = sparkPaths([...history, moment(10, 10)], 0, 100, 12);
    expect(connected.length).toBeLessThan(3_000);
    expect(connected).toContain('V1H100V12');
  });

  it('draws nothing of nothing', () => {
    expect(sparkPaths([], 0, 100, 12)).toEqual({ connected: '', wanted: '', cpu: '' });
  });
});
