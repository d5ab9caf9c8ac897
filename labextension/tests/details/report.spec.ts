import { nullTranslator } from '@jupyterlab/translation';

import { ApiError } from '../../src/api';
import { type IReport, loadReport, tellingJobs } from '../../src/details/reportdata';
import { reportDocument } from '../../src/details/reportfile';
import { redacted } from '../../src/details/redacted';
import { cluster, entry, explanation, HoldsAnswersBack, settle } from '../support';
import { job, point } from './support';

const trans = nullTranslator.load('af_lab');
const HOSTILE = `</pre></style><script>alert(1)</script><img src=x onerror="alert(2)">&amp;'"`;
const NOW = Date.parse('2026-11-25T13:00:00Z');

const REPORT: IReport = {
  entry: entry(
    {
      reason: HOSTILE,
      environment: { ...cluster().environment, path: HOSTILE },
      troubles: [{ when: '2026-11-25T12:30:00Z', worker: '7.0', text: HOSTILE, count: 2 }]
    },
    { why: explanation({ summary: HOSTILE, reasons: [HOSTILE] }) }
  ),
  made: NOW,
  points: [point(NOW / 1000 - 600, 0, 2, 1), point(NOW / 1000 - 60, 3)],
  workers: [job({ state: 'held', host: HOSTILE, reason: HOSTILE })],
  logs: [
    { worker: null, start: 1, text: HOSTILE, problem: null },
    { worker: '7.0', start: null, text: null, problem: 'This log is gone.' }
  ],
  problems: [HOSTILE]
};

describe('a report', () => {
  it('is one file that loads and runs nothing, whatever is in it', async () => {
    const text = await reportDocument(REPORT, trans);
    const read = new DOMParser().parseFromString(text, 'text/html');
    expect(read.querySelectorAll('script, img, link, iframe, object, a')).toHaveLength(0);
    const attributes = [...read.querySelectorAll('*')].flatMap(node => [...node.attributes]);
    expect(attributes.filter(({ name }) => /^on|^(src|href|srcdoc)$/.test(name))).toEqual([]);
    expect(read.querySelectorAll('style')).toHaveLength(1);
    expect(read.querySelector('style')?.textContent).not.toMatch(/url\(|@import/);
    expect(find(read, 'meta[http-equiv]').getAttribute('content')).toContain("default-src 'none'");
    expect(document.querySelector('main')).toBeNull();
  });

  it('has the texts as they are', async () => {
    const read = new DOMParser().parseFromString(await reportDocument(REPORT, trans), 'text/html');
    expect(find(read, 'details pre').textContent).toBe(HOSTILE);
    for (const place of ['.jp-AfLab-reason', '.jp-AfLab-why', '.problem', 'td:last-child']) {
      expect(find(read, place).textContent).toContain(HOSTILE);
    }
    expect(find(read, 'h2').textContent).toBe('dimuon');
    expect(find(read, 'title').textContent).toBe('dimuon');
    expect(read.querySelectorAll('svg.jp-AfLab-chart .jp-AfLab-layer')).toHaveLength(3);
    const logs = [...read.querySelectorAll('details')].map(node => node.textContent);
    expect(logs[1]).toBe('Log of job 7.0This log is gone.');
    expect(find(read, 'section > pre').textContent).toContain('af_lab.cluster(');
  });

  const find = (root: Document, selector: string): Element => {
    const found = root.querySelector(selector);
    if (!found) {
      throw new Error(`no ${selector}`);
    }
    return found;
  };
});

describe('what a report has', () => {
  const part = (text: string, start: number, starts = 0): object => ({
    text,
    cursor: '',
    source: 'a.log',
    start,
    starts: Array.from({ length: starts }, (_, index) => ({
      number: index + 1,
      source: 'a.log',
      written: '2026-11-25T12:00:00Z',
      size: 1
    }))
  });

  it('is loaded, but for what the server refuses', async () => {
    const api = new HoldsAnswersBack();
    const problem = new ApiError('The pool is full.');
    const loaded = loadReport(api, entry({}, { problem }), NOW);
    await api.refuse('timeline', new ApiError('No time line.'));
    await api.answer('workers', [job({ id: '7.1' }), job({ id: '7.0', state: 'held' })]);
    await api.answer('logs', part('PASSWORD=abc fifth', 5, 5));
    await api.answer('logs', part('third', 3, 5));
    await api.refuse('logs', new ApiError('Gone.'));
    await settle();
    expect(api.asked.slice(3)).toEqual([
      'logs dimuon {"start":3,"lines":500}',
      'logs dimuon {"start":4,"lines":500}',
      'logs dimuon {"worker":"7.0","lines":500}',
      'logs dimuon {"worker":"7.1","lines":500}'
    ]);
    await api.answer('logs', part('held', 0));
    await api.answer('logs', part('connected', 0));
    const { logs, points, problems, workers, entry: known } = await loaded;
    expect(logs.map(({ start, text, worker }) => [worker, start, text])).toEqual([
      [null, 3, 'third'],
      [null, 4, null],
      [null, 5, 'PASSWORD=[removed] fifth'],
      ['7.0', null, 'held'],
      ['7.1', null, 'connected']
    ]);
    expect([points, problems, workers.length]).toEqual([[], ['No time line.'], 2]);
    expect(known.problem).toBeNull();
  });

  it('are the logs of a few jobs, those in trouble first', () => {
    const jobs = Array.from({ length: 20 }, (_, id) => job({ id: `7.${id}` }));
    const told = tellingJobs([
      ...jobs,
      job({ id: '8.0', state: 'waiting' }),
      job({ id: '9.0', state: 'lost' })
    ]);
    expect(told.map(({ id }) => id)).toEqual(['9.0', ...jobs.slice(0, 7).map(({ id }) => id)]);
  });
});

describe('secrets', () => {
  it.each([
    ['TOKEN=abc123 next', 'TOKEN=[removed] next'],
    ['"password": "a b", x', '"password": [removed], x'],
    ['{\\"password\\": \\"a b\\"}', '{\\"password\\": [removed]}'],
    ['Cookie: _xsrf=a; session-id="b c"', 'Cookie: [removed]'],
    ['Authorization: Negotiate abc', 'Authorization: [removed]'],
    ['Authorization: Bearer abc.def', 'Authorization: [removed]'],
    ['?token=abc&x=1', '?token=[removed]&x=1'],
    ['https://me:pass@host/x', 'https://[removed]@host/x'],
    ['a eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKx b', 'a [removed] b'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nb', '[removed]\nb'],
    ['-----BEGIN PRIVATE KEY-----\nabc', '[removed]'],
    ['3 tasks, memory = 2 GB, key: x', '3 tasks, memory = 2 GB, key: x']
  ])('%s', (text, said) => {
    expect(redacted(text)).toBe(said);
  });
});
