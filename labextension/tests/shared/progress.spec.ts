import { nullTranslator } from '@jupyterlab/translation';

import type { Progress } from '../../src/api';
import { figure } from '../../src/shared/figure';
import {
  activityWords,
  doneWords,
  failedWords,
  paceWords,
  progressWords,
  shareWords
} from '../../src/shared/progress';

const trans = nullTranslator.load('af_lab');

function progress(parts: Partial<Progress> = {}): Progress {
  return { done: 120, total: 500, running: 12, erred: 0, rate: null, remaining: null, ...parts };
}

/** Figures are grouped by narrow spaces, which a reader of this file would not see. */
function plain(words: string): string {
  return words.replace(/\u202f/g, ' ');
}

it.each([
  [0, '0'],
  [999, '999'],
  [1234, '1 234'],
  [20_000, '20 000'],
  [1_234_567, '1 234 567']
])('groups the digits of %d', (number, words) => {
  expect(plain(figure(number))).toBe(words);
  expect(figure(number)).not.toContain(' ');
});

it.each([
  [{}, '120 of 500 calls done, 12 run, 368 wait'],
  [{ done: 0, total: 1, running: 1 }, '0 of 1 call done, 1 runs'],
  [
    { done: 1234, total: 20_000, running: 16, erred: 3, rate: 310.4, remaining: 60.5 },
    '1 234 of 20 000 calls done, 16 run, 18 747 wait, 3 failed, 2 min left, 310/s'
  ],
  [{ done: 500, running: 0, rate: 2 }, '500 of 500 calls done']
])('says how far a computation is: %j', (parts, words) => {
  expect(plain(progressWords(progress(parts), 'calls', trans))).toBe(words);
});

it('counts tasks of clusters', () => {
  expect(plain(doneWords(progress({ total: 20_000 }), 'tasks', trans))).toBe('120 of 20 000 tasks');
  expect(failedWords(progress(), trans)).toBe('');
  expect(failedWords(progress({ erred: 3 }), trans)).toBe('3 failed');
});

it.each([
  [{ rate: 310.4, remaining: 9.2 }, ['10 s left', '310/s']],
  [{ rate: 2.46, remaining: 0.2 }, ['5 s left', '2.5/s']],
  [{ rate: 12_000.4, remaining: 56 }, ['1 min left', '12 000/s']],
  [{ rate: 0.2, remaining: 4000 }, ['1 h 7 min left', '12/min']],
  [{ rate: 0.0005, remaining: 200_000 }, ['2 d 7 h left', '1.8/h']],
  [{ rate: 3, remaining: null, done: 500, running: 0 }, []],
  [{}, ['12 run', '368 wait']]
])('says how it goes on, in steps: %j', (parts, words) => {
  expect(paceWords(progress(parts), trans).map(plain)).toEqual(words);
});

it.each([
  [{}, '24 %'],
  [{ done: 499, running: 1, remaining: 3 }, '99 %, 5 s left'],
  [{ done: 497, erred: 3, running: 0 }, '100 %'],
  [{ done: 0, total: 0, running: 0 }, '0 %']
])('says it in little space: %j', (parts, words) => {
  expect(shareWords(progress(parts), trans)).toBe(words);
});

it.each([
  [null, null, ''],
  ['idle', null, 'idle'],
  ['working', null, 'working'],
  ['working', 'merging', 'merging'],
  ['waiting', null, 'waiting for files'],
  ['waiting', 'DimuonProcessor', 'DimuonProcessor, waiting for files']
])('says what workers do: %s, %s', (activity, doing, words) => {
  expect(activityWords({ activity, doing }, trans)).toBe(words);
});
