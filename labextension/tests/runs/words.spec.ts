import { nullTranslator } from '@jupyterlab/translation';

import { cancelWords, removeWords } from '../../src/runs/words';
import { run } from '../support';

const trans = nullTranslator.load('af_lab');

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
