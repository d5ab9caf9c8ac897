import { nullTranslator } from '@jupyterlab/translation';

import { ago, duration, exactDuration, remaining, roughDuration } from '../../src/shared/duration';

const trans = nullTranslator.load('af_lab');

it.each([
  [-5, '0 s', '0 s', '0 s'],
  [12_400, '12 s', '12 s', '12 s'],
  [59_999, '59 s', '59 s', '59 s'],
  [60_000, '1 min', '1 min', '1 min'],
  [90_000, '1 min', '1 min', '1 min 30 s'],
  [3_599_999, '59 min', '59 min', '59 min 59 s'],
  [3_600_000, '1 h', '1 h', '1 h'],
  [5_400_000, '1 h 30 min', '1 h', '1 h 30 min'],
  [12_000_000, '3 h 20 min', '3 h', '3 h 20 min'],
  [86_400_000, '1 d', '1 d', '1 d'],
  [187_200_000, '2 d 4 h', '2 d', '2 d 4 h'],
  [187_260_000, '2 d 4 h', '2 d', '2 d 4 h 1 min']
])('says %i ms as %s, %s or %s', (milliseconds, usual, rough, exact) => {
  expect(duration(milliseconds, trans)).toBe(usual);
  expect(roughDuration(milliseconds, trans)).toBe(rough);
  expect(ago(milliseconds, trans)).toBe(`${rough} ago`);
  expect(exactDuration(milliseconds, trans)).toBe(exact);
});

it.each([
  [-5, '1 min'],
  [59_999, '1 min'],
  [60_001, '2 min'],
  [7_140_001, '2 h']
])('says that %i ms are left as %s', (milliseconds, words) => {
  expect(remaining(milliseconds, trans)).toBe(words);
});
