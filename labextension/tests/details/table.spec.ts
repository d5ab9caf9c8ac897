import { nullTranslator } from '@jupyterlab/translation';

import { appended, MOST_LINES, search } from '../../src/details/loglines';
import {
  arranged,
  divided,
  FIRST_VIEW,
  type IView,
  placed,
  sortedBy
} from '../../src/details/table';
import { job } from './support';

const trans = nullTranslator.load('af_lab');

describe('arranged', () => {
  const jobs = [
    job({ id: '100.2', host: 'wn10', state: 'held', memory_used: null, tasks: 1 }),
    job({ id: '99.10', host: 'wn9', since: '2026-11-25T13:00:00Z', memory_used: 2e9 }),
    job({ id: '99.9', host: null, state: 'waiting', site: 'hpc', memory_used: 1e9, starts: 3 })
  ];
  const ids = (view: Partial<IView>): string[] =>
    arranged(jobs, { ...FIRST_VIEW, ...view }, trans).map(({ id }) => id);

  it.each([
    ['id', '99.9 99.10 100.2', '100.2 99.10 99.9'],
    ['host', '99.10 100.2 99.9', '100.2 99.10 99.9'],
    ['state', '99.10 99.9 100.2', '100.2 99.9 99.10'],
    ['memory', '99.9 99.10 100.2', '99.10 99.9 100.2'],
    ['since', '99.10 99.9 100.2', '100.2 99.9 99.10'],
    ['tasks', '99.9 99.10 100.2', '100.2 99.10 99.9'],
    ['site', '99.9 99.10 100.2', '100.2 99.10 99.9'],
    ['starts', '99.10 100.2 99.9', '99.9 100.2 99.10']
  ] as const)('sorts by %s', (column, up, down) => {
    expect(ids({ column })).toEqual(up.split(' '));
    expect(ids({ column, descending: true })).toEqual(down.split(' '));
  });

  it('filters by id, host, site, and the state in words', () => {
    expect(ids({ filter: ' 99. ' })).toEqual(['99.9', '99.10']);
    expect(ids({ filter: 'WN1' })).toEqual(['100.2']);
    expect(ids({ filter: 'hpc' })).toEqual(['99.9']);
    expect(ids({ filter: 'waiting' })).toEqual(['99.9']);
    expect(ids({ filter: 'no such' })).toEqual([]);
  });

  it('turns around on a second click on the same column', () => {
    const once = sortedBy(FIRST_VIEW, 'host');
    expect(once).toMatchObject({ column: 'host', descending: false });
    expect(sortedBy(once, 'host').descending).toBe(true);
    expect(sortedBy(sortedBy(once, 'host'), 'id').descending).toBe(false);
  });
});

describe('placed', () => {
  it('counts the rows of reasons', () => {
    const { jobs, rows } = placed([job(), job({ reason: 'held' }), job()]);
    expect(jobs.map(({ place }) => place)).toEqual([2, 3, 5]);
    expect(rows).toBe(5);
  });
});

describe('divided', () => {
  it.each([
    [[], []],
    [[1, 2], [[1, 2]]],
    [
      [1, 2, 3, 4, 5],
      [[1, 2], [3, 4], [5]]
    ]
  ])('divides %j', (jobs, parts) => {
    expect(divided<number>(jobs, 2)).toEqual(parts);
  });
});

describe('appended', () => {
  it('goes on with a line that was half written', () => {
    const lines = appended([], 'one\ntw');
    expect(lines).toEqual(['one', 'tw']);
    expect(appended(lines, 'o\r\n50 %\r60 %\n')).toEqual(['one', 'two', '50 %', '60 %', '']);
    expect(appended(lines, '')).toBe(lines);
  });

  it('forgets the oldest lines', () => {
    const lines = appended([], Array.from({ length: 6_000 }, (_, line) => line).join('\n'));
    expect(lines).toHaveLength(MOST_LINES);
    expect(lines.at(-1)).toBe('5999');
  });
});

describe('search', () => {
  it('cuts the lines that fit at what was searched for', () => {
    expect(search(['an Error, an error', 'fine'], 'ERROR')).toEqual([
      ['an ', 'Error', ', an ', 'error', '']
    ]);
    expect(search(['error'], '')).toEqual([]);
  });

  it('marks the whole line where letters change their length', () => {
    expect(search(['İ error'], 'error')).toEqual([['', 'İ error', '']]);
  });
});
