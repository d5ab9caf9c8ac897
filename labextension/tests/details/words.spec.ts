import { nullTranslator } from '@jupyterlab/translation';

import {
  environmentWords,
  jobWords,
  memoryWords,
  removalWords,
  timelineWords,
  whenItEnds
} from '../../src/details/words';
import { job } from './support';
import { cluster } from '../support';

const trans = nullTranslator.load('af_lab');
const NOON = Date.parse('2026-11-25T12:00:00Z');

describe('memoryWords', () => {
  it('says the unit once', () => {
    expect(memoryWords(job({ memory_used: 1.2e9 }), trans)).toBe('1.2 of 2 GB');
  });

  it('says both units when they differ', () => {
    expect(memoryWords(job({ memory_used: 5e8 }), trans)).toBe('500 MB of 2 GB');
  });

  it('says what was asked for while nothing else is known', () => {
    expect(memoryWords(job({ memory_used: null }), trans)).toBe('2 GB');
  });
});

it('says what each job has', () => {
  expect(jobWords(cluster({ cores: 4 }), trans)).toBe('4 cores, 2 GB');
});

it('says the versions', () => {
  const { environment } = cluster();
  expect(environmentWords(environment, trans)).toBe(
    'Python 3.11.2, dask 2026.8.0, distributed 2026.8.0'
  );
});

it('says when the cluster ends', () => {
  const spec = { ...cluster().spec, idle_timeout: null };
  expect(whenItEnds(cluster(), NOON, trans)).toBe('after 1 h without work');
  expect(whenItEnds(cluster({ spec }), NOON, trans)).toBe('never by itself');
  expect(whenItEnds(cluster({ ends_at: '2026-11-25T12:25:00Z' }), NOON, trans)).toBe(
    'in 25 min, unless it gets work'
  );
  expect(whenItEnds(cluster({ ended: '2026-11-25T11:00:00Z' }), NOON, trans)).toBe('ended 1 h ago');
});

it('says what the time line shows', () => {
  const now = { connected: 1, starting: 0, waiting: 3, stuck: 2 };
  expect(timelineWords(0, 600_000, { now, most: { ...now, connected: 12 } }, trans)).toBe(
    'Workers in the last 10 min: at most 12 were connected. 1 worker is connected now, 3 waiting, 2 held or lost.'
  );
});

it('says what is lost with a job', () => {
  expect(removalWords(job({ tasks: 2 }), trans)).toContain('2 tasks it computes now start again');
  expect(removalWords(job({ connected: 0 }), trans)).toContain('nothing is lost');
  expect(removalWords(job(), trans)).toContain('another job in its place');
});
