import { nullTranslator } from '@jupyterlab/translation';

import { ApiError, CondorUnavailable, ExtensionMissing, ServerAway } from '../../src/api';
import {
  endWords,
  explain,
  explainRefusal,
  historyWords,
  tally,
  tallyWords,
  troubleWords,
  workWords
} from '../../src/shared/words';
import type { IEntry } from '../../src/tokens';
import { cluster, entry } from '../support';

const trans = nullTranslator.load('af_lab');

describe('words', () => {
  it('counts every worker once', () => {
    const counts = {
      requested: 20,
      waiting: 4,
      starting: 3,
      connected: 10,
      leaving: 1,
      held: 1,
      lost: 2
    };
    const described = entry({ workers: 20, counts });
    expect(tally(described, trans)).toBe('10 of 20');
    expect(tallyWords(described, trans)).toBe(
      '10 of 20 workers connected, 3 starting, 4 waiting, 1 leaving, 1 held, 2 lost'
    );
  });

  it('knows one worker', () => {
    const described = entry({ workers: 1, counts: { connected: 1 } });
    expect(tallyWords(described, trans)).toBe('1 of 1 worker connected');
  });

  it('has a message of its own for each trouble', () => {
    const away = explain(new ServerAway('Failed to fetch'), trans);
    const missing = explain(new ExtensionMissing('Not Found'), trans);
    const condor = explain(new CondorUnavailable('No answer in 20 s.'), trans);
    expect(new Set([away.title, missing.title, condor.title]).size).toBe(3);
    expect(missing.text).toContain('jupyter server extension enable af_lab.server');
    expect(condor.text).toBe('No answer in 20 s.');
    expect(explain(new CondorUnavailable('Down: ask.', 'Down'), trans).text).toBe('ask.');
    expect(explain(new ApiError('Log in again.', 'Forbidden'), trans)).toEqual({
      title: 'Forbidden',
      text: 'Log in again.'
    });
  });

  it('passes on why the server refused', () => {
    expect(explainRefusal(new ApiError('Too many: at most 10.', 'Not now'), trans)).toBe(
      'Too many: at most 10.'
    );
    expect(explainRefusal(new ServerAway('Failed to fetch'), trans)).toBe(
      'The server does not answer'
    );
  });

  it('says which workers are not connected', () => {
    const busy = entry({ cpu: 0.75, counts: { connected: 4, held: 1 } });
    expect(workWords(busy, trans)).toBe('1 held');
    expect(workWords(entry(), trans)).toBe('');
    const why = { summary: '1 is on hold' } as IEntry['why'];
    expect(workWords({ ...busy, why }, trans)).toBe('');
  });

  it('tells the last ten minutes', () => {
    const moment = { when: 0, connected: 2, wanted: 2, cpu: null };
    expect(historyWords([moment, moment], 0, trans)).toBe(
      'In the last 1 min: 2 workers all the time'
    );
    expect(historyWords([moment], 240_000, trans)).toBe(
      'In the last 4 min: 2 workers all the time'
    );
    const last = { ...moment, when: 1e6, connected: 9, cpu: 0.5 };
    expect(historyWords([moment, last], 0, trans)).toBe(
      'In the last 10 min: 2 to 9 workers, 9 now, CPU 50 %'
    );
  });

  it.each([
    [null, ''],
    ['2026-11-25T13:00:00Z', ''],
    ['2026-11-25T12:11:30Z', 'Ends in 12 min, unless it gets work.'],
    ['2026-11-25T12:00:20Z', 'Ends in 1 min, unless it gets work.']
  ])('tells the end at %s', (ends_at, words) => {
    const now = Date.parse('2026-11-25T12:00:00Z');
    expect(endWords(cluster({ ends_at }), now, trans)).toBe(words);
  });

  it('tells the newest trouble while it is young', () => {
    const troubles = ['12:00', '12:05'].map(time => ({
      when: `2026-11-25T${time}:00Z`,
      worker: '7.0',
      text: `was mended at ${time}`,
      count: 1
    }));
    const told = (time: string): string =>
      troubleWords(cluster({ troubles }), Date.parse(`2026-11-25T${time}:00Z`), trans);
    expect(told('12:06')).toBe('1 min ago: job 7.0 was mended at 12:05');
    expect(told('12:30')).toBe('');
    expect(troubleWords(cluster(), 0, trans)).toBe('');
  });

  it.each([
    ['', 1, 'just now: No disk.'],
    ['', 3, 'just now: No disk. (3 times)'],
    ['7.1', 1, 'just now: job 7.1 No disk.'],
    ['7.1', 3, 'just now: job 7.1 (the last of 3) No disk.']
  ])('tells whom a trouble befell: job %j, %i times', (worker, count, words) => {
    const when = '2026-11-25T12:00:00Z';
    const troubles = [{ when, worker, text: 'No disk.', count }];
    const now = Date.parse('2026-11-25T12:00:30Z');
    expect(troubleWords(cluster({ troubles }), now, trans)).toBe(words);
  });
});
