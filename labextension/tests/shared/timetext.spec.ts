import { secondsOf, timeText } from '../../src/shared/timetext';

describe('times as users write them', () => {
  it.each([
    [7200, '2 h'],
    [5400, '90 min'],
    [86_400, '1 d'],
    [90.5, '90.5 s'],
    [60, '1 min'],
    [0, '0 s']
  ])('%s seconds are %s', (seconds, text) => {
    expect(timeText(seconds)).toBe(text);
    expect(secondsOf(text)).toBe(seconds);
  });

  it.each([
    ['90', 90],
    ['2h', 7200],
    [' 1.5 hours ', 5400],
    ['h', 3600],
    ['2 minutes', 120],
    ['3 M', 180],
    ['1 week', 604_800],
    ['', null],
    ['soon', null],
    ['2 h 30', null],
    ['-5', null]
  ])('%s is understood as the server does', (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds);
  });
});
