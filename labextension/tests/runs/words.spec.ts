import { nullTranslator } from '@jupyterlab/translation';

import { cancelWords, progressWords, removeWords } from '../../src/runs/words';
import { run } from '../support';

const trans = nullTranslator.load('af_lab');

it.each([
  [{}, '120 of 500 calls done, 12 run, 368 wait'],
  [{ done: 0, total: 1, running: 1 }, '0 of 1 call done, 1 runs'],
  [
    { running: 0, erred: 3, remaining: 20 },
    '120 of 500 calls done, 377 wait, 3 failed, about 20 s left'
  ],
  [{ running: 0, remaining: 0.4 }, '120 of 500 calls done, 380 wait'],
  [{ done: 500, running: 0 }, '500 of 500 calls done']
])('says how far a run is: %j', (progress, words) => {
  expect(progressWords(run({ progress }), trans)).toBe(words);
});

it('says what a run loses when it is cancelled', () => {
  expect(cancelWords(run({ progress: { done: 1, total: 2, running: 0 } }), trans)).toBe(
    '1 call has not ended: its job is removed from the HTCondor queue. 1 result is there, and stays. “Run again” computes the rest.'
  );
});

it('says what a run loses when it is removed', () => {
  expect(removeWords(run({ size: 0, progress: { done: 0, total: 0, running: 0 } }), trans)).toBe(
    'It has no results. Its files are deleted (0 B). This cannot be undone.'
  );
  expect(removeWords(run(), trans)).toContain('380 calls have not ended');
});
