import { nullTranslator } from '@jupyterlab/translation';

import { ApiError, CondorUnavailable, ExtensionMissing, ServerAway } from '../src/api';
import { ago, explain, explainRefusal, losses, tally, tallyWords } from '../src/words';
import { cluster, entry } from './support';

const trans = nullTranslator.load('af_lab');

describe('words', () => {
  it('counts every worker once', () => {
    const counts = { requested: 20, idle: 4, running: 15, connected: 10, held: 1, lost: 2 };
    const described = entry({ workers: 20, counts });
    expect(tally(described, trans)).toBe('10 of 20');
    expect(tallyWords(described, trans)).toBe(
      '10 of 20 workers connected, 3 starting, 4 waiting, 1 held, 2 lost'
    );
  });

  it('knows one worker', () => {
    const described = entry({ workers: 1, counts: { running: 1, connected: 1 } });
    expect(tallyWords(described, trans)).toBe('1 of 1 worker connected');
  });

  it.each([
    [0, '0 s ago'],
    [12_400, '12 s ago'],
    [-500, '0 s ago'],
    [90_000, '2 min ago'],
    [3_600_000, '1 h ago']
  ])('tells an age of %d ms', (milliseconds, words) => {
    expect(ago(milliseconds, trans)).toBe(words);
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

  it('says what a stop costs', () => {
    expect(losses(cluster().counts, trans)).toContain('no results are lost');
    expect(losses(cluster({ counts: { connected: 1 } }).counts, trans)).toContain('1 worker is');
    expect(losses(cluster({ counts: { connected: 12 } }).counts, trans)).toContain('12 workers');
  });
});
