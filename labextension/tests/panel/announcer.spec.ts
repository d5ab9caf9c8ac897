import { nullTranslator } from '@jupyterlab/translation';

import { ServerAway } from '../../src/api';
import { Announcer, news } from '../../src/panel/announcer';
import { entry, runEntry, SetClusters, SetRuns } from '../support';

const trans = nullTranslator.load('af_lab');

describe('news', () => {
  const none = { entries: [], runs: [], trouble: null };
  const tell = (before: object, after: object): string[] => [
    ...news({ ...none, ...before }, { ...none, ...after }, trans).values()
  ];

  it('tells of a new cluster, another state, and a cluster that is gone', () => {
    expect(tell({}, { entries: [entry({ state: 'pending' })] })).toEqual(['dimuon: pending']);
    expect(
      tell({ entries: [entry()] }, { entries: [entry({ state: 'failed', reason: 'Held.' })] })
    ).toEqual(['dimuon: failed, Held.']);
    expect(tell({ entries: [entry()] }, {})).toEqual(['dimuon is gone']);
  });

  it('tells how many workers are connected, when that changes', () => {
    const more = entry({ counts: { connected: 1 } });
    expect(tell({ entries: [entry()] }, { entries: [more] })).toEqual([
      'dimuon: 1 of 2 workers connected'
    ]);
    expect(tell({ entries: [more] }, { entries: [more] })).toEqual([]);
  });

  it('tells of workers on hold, when there are more of them', () => {
    const held = entry({ counts: { held: 2 } });
    expect(tell({ entries: [entry()] }, { entries: [held] })).toEqual(['dimuon: 2 held']);
    expect(tell({ entries: [held] }, { entries: [entry()] })).toEqual([]);
  });

  it('tells that jobs fail, once', () => {
    const failing = { jobs: 3, job: '7.2', words: '', next_try: null };
    const [good, bad] = [entry(), entry({ failing })];
    expect(tell({ entries: [good] }, { entries: [bad] })).toEqual(['dimuon: jobs fail']);
    expect(tell({ entries: [bad] }, { entries: [bad] })).toEqual([]);
  });

  it('tells of a new run, another state, and a run that is gone', () => {
    const failed = runEntry({ state: 'failed', reason: '2 of 500 calls failed: ValueError' });
    expect(tell({}, { runs: [runEntry()] })).toEqual(['Run fit: running']);
    expect(tell({ runs: [runEntry()] }, { runs: [failed] })).toEqual([
      'Run fit: failed, 2 of 500 calls failed: ValueError'
    ]);
    expect(tell({ runs: [runEntry()] }, { runs: [runEntry({ progress: { done: 130 } })] })).toEqual(
      []
    );
    expect(tell({ runs: [runEntry()] }, {})).toEqual(['Run fit is gone']);
  });

  it('tells of trouble once, and of its end', () => {
    const away = { trouble: new ServerAway('x') };
    expect(tell({}, away)).toEqual(['The server does not answer']);
    expect(tell(away, { trouble: new ServerAway('y') })).toEqual([]);
    expect(tell(away, {})).toEqual(['The server answers again']);
  });
});

describe('Announcer', () => {
  let clusters: SetClusters;
  let runs: SetRuns;
  let announcer: Announcer;

  beforeEach(() => {
    jest.useFakeTimers();
    clusters = new SetClusters();
    runs = new SetRuns();
    announcer = new Announcer(clusters, runs, trans);
    clusters.set({});
  });

  afterEach(() => {
    announcer.dispose();
    jest.useRealTimers();
  });

  const said = (): string | null => announcer.node.textContent;

  it('is a status', () => {
    expect(announcer.node.getAttribute('role')).toBe('status');
  });

  it('says nothing of what is there at first', () => {
    const late = new Announcer(clusters, runs, trans);
    clusters.set({ entries: [entry()] });
    expect(late.node.textContent).toBe('');
    late.dispose();
  });

  it('speaks of runs', () => {
    runs.set({ entries: [runEntry()] });
    expect(said()).toBe('Run fit: running');
  });

  it('speaks at most every three seconds, and then the latest of each cluster', () => {
    clusters.set({ entries: [entry()] });
    expect(said()).toBe('dimuon: running');
    for (const connected of [1, 2]) {
      clusters.set({ entries: [entry({ counts: { connected } })] });
    }
    jest.advanceTimersByTime(2_900);
    expect(said()).toBe('dimuon: running');
    jest.advanceTimersByTime(200);
    expect(said()).toBe('dimuon: 2 of 2 workers connected');
  });

  it('is silent once it is disposed of', () => {
    clusters.set({ entries: [entry()] });
    clusters.set({ entries: [] });
    announcer.dispose();
    jest.advanceTimersByTime(5_000);
    expect(said()).toBe('dimuon: running');
  });
});
