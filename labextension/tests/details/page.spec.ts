import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { ApiError, ServerAway, type WorkerJob } from '../../src/api';
import * as words from '../../src/details/words';
import { ClusterDetails } from '../../src/details/widget';
import { job } from './support';
import {
  entry,
  find,
  findField,
  HoldsAnswersBack,
  SetClusters,
  settle,
  type,
  until
} from '../support';

const DIMUON = entry({
  id: 7,
  workers: 20,
  counts: { requested: 20, starting: 3, connected: 12, waiting: 4, held: 1 }
});

const WHY = {
  cause: 'busy' as const,
  why_waiting: 'all busy',
  why_held: '',
  why_failing: '',
  summary: 'all slots that match are busy',
  reasons: ['3 slots match, all are busy.', 'Type `condor_q`.'],
  waiting: 4,
  held: 1,
  failing: 0,
  now: 0,
  ever: 9,
  sites: [{ site: null, now: 0, ever: 9 }]
};

const JOBS = [
  job({ id: '8.0', memory_used: 1.2e9 }),
  job({ id: '8.1', state: 'held', host: null, reason: 'It used too much memory.' })
];

const share = { copyPython: jest.fn(), copyCommand: jest.fn(), save: jest.fn() };

describe('ClusterDetails', () => {
  let api: HoldsAnswersBack;
  let clusters: SetClusters;
  let details: ClusterDetails;
  const scrollIntoView = jest.fn();

  beforeAll(() => {
    Element.prototype.scrollIntoView = scrollIntoView;
  });

  beforeEach(() => {
    api = new HoldsAnswersBack();
    clusters = new SetClusters();
    clusters.entries = [DIMUON];
    const trans = nullTranslator.load('af_lab');
    details = new ClusterDetails({ api, clusters, name: 'dimuon', share, trans });
    Widget.attach(details, document.body);
  });

  afterEach(() => {
    details.dispose();
  });

  const answer = async (kind: string, value: unknown): Promise<void> => {
    await until(`the question for ${kind}`, () => api.open(kind));
    await api.answer(kind, value);
  };
  const tellJobs = async (jobs: readonly WorkerJob[] = JOBS): Promise<HTMLElement> => {
    await answer('workers', jobs);
    return until('the table', () => document.querySelector<HTMLElement>('.jp-AfLab-jobs table'));
  };
  const tellLog = async (text: string): Promise<HTMLElement> => {
    await answer('logs', {
      text,
      cursor: `a.log:${text.length}`,
      source: 'a.log',
      start: 1,
      starts: []
    });
    return until('the log', () => document.querySelector<HTMLElement>('.jp-AfLab-log'));
  };
  const shown = (selector: string): string[] =>
    Array.from(document.querySelectorAll(selector), node => node.textContent);
  const button = (label: string): HTMLElement => find(`button[aria-label="${label}"]`);

  it('watches while it can be seen', () => {
    expect(details.title.label).toBe('dimuon');
    expect(clusters.watchers).toBe(1);
    details.hide();
    expect(clusters.watchers).toBe(0);
    details.show();
    expect(clusters.watchers).toBe(1);
    Widget.detach(details);
    expect(clusters.watchers).toBe(0);
  });

  it('tells what the cluster is', async () => {
    const head = await until('the head', () => document.querySelector('.jp-AfLab-head'));
    expect(head.querySelector('h2')?.textContent).toBe('dimuon');
    const { textContent: text } = head;
    expect(text).toContain('jobs on hold');
    expect(text).toContain('12 of 20 connected');
    expect(text).toContain('3 starting, 4 waiting, 1 held');
    expect(text).toContain('1 core, 2 GB');
    expect(text).toContain('Python 3.11.2');
    expect(text).toContain('after 1 h without work');
  });

  it('tells why workers are missing', async () => {
    expect(document.querySelector('.jp-AfLab-why')).toBeNull();
    clusters.set({ entries: [{ ...DIMUON, why: WHY }] });
    await until('the reasons', () => document.querySelector('.jp-AfLab-why li'));
    expect(shown('.jp-AfLab-summary')).toEqual(['all slots that match are busy']);
    expect(shown('.jp-AfLab-why li')).toHaveLength(2);
    expect(shown('.jp-AfLab-why code')).toEqual(['condor_q']);
    expect(shown('.jp-AfLab-why tbody td')).toEqual(['0', '9']);
    clusters.set({ entries: [entry({ id: 7, counts: { connected: 20 } })] });
    await until('no reasons', () => document.querySelector('.jp-AfLab-why') === null);
  });

  it('draws how it went, as wide as it is', async () => {
    await answer('timeline', [
      { when: new Date(Date.now() - 60_000).toISOString(), counts: DIMUON.cluster.counts }
    ]);
    const chart = await until('the chart', () => document.querySelector('.jp-AfLab-chart'));
    expect(chart.getAttribute('aria-label')).toContain('12 workers are connected now, 3 starting');
    expect(shown('.jp-AfLab-legend li')).toEqual([
      '12 connected',
      '3 starting',
      '4 waiting',
      '1 held or lost'
    ]);
    MessageLoop.sendMessage(details, new Widget.ResizeMessage(632, 400));
    await until('the new width', () => chart.getAttribute('viewBox')?.startsWith('0 0 600 '));
  });

  it('lists the jobs, and sorts them', async () => {
    const table = await tellJobs();
    const ids = (): string[] => shown('.jp-AfLab-jobs tbody th');
    expect(ids()).toEqual(['8.0', '8.1']);
    expect(table.textContent).toContain('1.2 of 2 GB');
    expect(shown('.jp-AfLab-hold')).toEqual(['It used too much memory.']);
    const head = find('th[data-column=id]', table);
    expect(head.getAttribute('aria-sort')).toBe('ascending');
    find('button', head).click();
    await until('the other order', () => ids()[0] === '8.1');
    expect(head.getAttribute('aria-sort')).toBe('descending');
  });

  it('remembers the order when its tab is moved', async () => {
    const table = await tellJobs();
    find('th[data-column=host] button', table).click();
    Widget.detach(details);
    Widget.attach(details, document.body);
    await until('the order', () => document.querySelector('th[data-column=host][aria-sort]'));
  });

  describe('with a thousand jobs', () => {
    const JOB_COUNT = 1_000;
    const drawn = (): number => document.querySelectorAll('.jp-AfLab-jobs [data-job]').length;
    const blocks = (): HTMLElement[] =>
      Array.from(document.querySelectorAll('.jp-AfLab-jobs tbody'));
    const block = (index: number): HTMLElement => {
      const found = blocks()[index];
      if (!found) {
        throw new Error(`no block ${index}`);
      }
      return found;
    };
    const observers = new Map<Element, Scrolls>();
    const before = globalThis.IntersectionObserver;

    /** Reports what the test says. */
    class Scrolls {
      constructor(private readonly _report: (moves: { isIntersecting: boolean }[]) => void) {}

      observe(node: Element): void {
        observers.set(node, this);
      }

      disconnect(): void {
        observers.forEach((observer, node) => observer === this && observers.delete(node));
      }

      report(isIntersecting: boolean): void {
        this._report([{ isIntersecting }]);
      }
    }

    const scroll = (index: number, isNear: boolean): void => {
      observers.get(block(index))?.report(isNear);
    };

    beforeEach(async () => {
      Object.assign(globalThis, { IntersectionObserver: Scrolls });
      await tellJobs(Array.from({ length: JOB_COUNT }, (_, index) => job({ id: `8.${index}` })));
      await until('the observers', () => observers.size === JOB_COUNT / 50);
    });

    afterEach(() => {
      Object.assign(globalThis, { IntersectionObserver: before });
    });

    it('draws those near the visible part, and keeps the height of the others', async () => {
      expect(drawn()).toBe(50);
      expect(find('.jp-AfLab-jobs table').getAttribute('aria-rowcount')).toBe('1001');
      scroll(2, true);
      await until('more rows', () => drawn() === 100);
      expect(find('[data-job="8.100"]').getAttribute('aria-rowindex')).toBe('102');
      Object.defineProperty(block(0), 'offsetHeight', { value: 1_700 });
      scroll(0, false);
      await until('fewer rows', () => drawn() === 50);
      expect(find('td', block(0)).style.height).toBe('1700px');
      expect(find('td', block(1)).style.height).toBe('1650px');
      details.dispose();
      expect(observers.size).toBe(0);
    });

    it('finds any', async () => {
      type(findField('.jp-AfLab-filter'), '8.99');
      await until('what fits', () => drawn() === 11);
      expect(shown('.jp-AfLab-jobs [role=status]')).toEqual(['11 of 1000 jobs']);
    });

    it('keeps the row with the focus', async () => {
      button('Log of job 8.3').focus();
      scroll(0, false);
      scroll(1, true);
      await until('more rows', () => drawn() === 100);
      expect(document.activeElement).toBe(button('Log of job 8.3'));
    });
  });

  it('draws only the rows again that changed', async () => {
    const some = (parts: Partial<WorkerJob>): WorkerJob[] =>
      Array.from({ length: 50 }, (_, index) =>
        job({ id: `8.${index}`, ...(index === 7 ? parts : {}) })
      );
    await tellJobs(some({}));
    const drawn = jest.spyOn(words, 'memoryWords');
    clusters.set({ entries: [entry({ id: 7, sequence: 9 })] });
    await tellJobs(some({ tasks: 5 }));
    await until('the change', () => find('[data-job="8.7"] td:nth-child(6)').textContent === '5');
    expect(drawn).toHaveBeenCalledTimes(1);
    drawn.mockRestore();
  });

  it('releases a job that is on hold', async () => {
    await tellJobs();
    expect(document.querySelector('button[aria-label="Release job 8.0"]')).toBeNull();
    button('Release job 8.1').click();
    await until(
      'patience',
      () => button('Release job 8.1').ariaDisabled === 'true' || api.open('releaseWorker')
    );
    await api.refuse('releaseWorker', new ApiError('It is not on hold.'));
    const alert = await until('the refusal', () => document.querySelector('[role=alert]'));
    expect(alert.textContent).toBe('Job 8.1: It is not on hold.');
  });

  it.each([
    ['jp-mod-warn', true],
    ['jp-mod-reject', false]
  ])('asks before it removes a job: %s', async (choice, removes) => {
    await tellJobs();
    button('Remove job 8.0').click();
    const dialog = await until('the question', () => document.querySelector('.jp-Dialog'));
    expect(dialog.textContent).toContain('another job in its place');
    find(`.${choice}`, dialog).click();
    await until('its end', () => !document.querySelector('.jp-Dialog'));
    await settle();
    expect(api.open('removeWorker dimuon 8.0')).toBe(Number(removes));
  });

  it('shows the log of a job, from its row', async () => {
    await tellJobs();
    await tellLog('of the scheduler');
    button('Log of job 8.1').click();
    expect(document.activeElement).toBe(find('.jp-AfLab-source'));
    expect(scrollIntoView).toHaveBeenCalled();
    const log = await tellLog('of the worker');
    expect(log.textContent).toBe('of the worker');
    expect(log.getAttribute('aria-label')).toBe('Log of job 8.1');
  });

  it('shows a log as text, and searches it', async () => {
    const log = await tellLog('an <b>Error</b>\nfine\nerror error\n');
    expect(log.textContent).toContain('<b>Error</b>');
    expect(log.querySelector('b')).toBeNull();
    type(findField('.jp-AfLab-search'), 'error');
    await until('the hits', () => log.querySelectorAll('mark').length === 3);
    expect(log.textContent).toBe('an <b>Error</b>\nerror error\n');
    expect(shown('.jp-AfLab-matching')).toEqual(['2 lines match']);
  });

  it('stays at the end of a log, unless it was scrolled up', async () => {
    const log = await tellLog('one\n');
    Object.defineProperty(log, 'scrollHeight', { value: 900 });
    const grow = async (): Promise<void> => {
      const before = log.textContent;
      await tellLog('more\n');
      await until('the new line', () => log.textContent !== before);
    };
    await grow();
    expect(log.scrollTop).toBe(900);
    log.scrollTop = 100;
    log.dispatchEvent(new Event('scroll', { bubbles: true }));
    await grow();
    expect(log.scrollTop).toBe(100);
  }, 10_000);

  it('says what is wrong where it is wrong', async () => {
    await tellLog('one');
    await until('the question', () => api.open('workers'));
    await api.refuse('workers', new ApiError('Ask the administrator.', 'HTCondor says no'));
    await until('the trouble', () => document.querySelector('.jp-AfLab-jobs .jp-AfLab-trouble'));
    expect(shown('.jp-AfLab-trouble')).toEqual(['HTCondor says noAsk the administrator.']);
    clusters.set({ trouble: new ServerAway('x') });
    await until('more trouble', () => shown('.jp-AfLab-trouble')[0]?.startsWith('The server'));
    expect(shown('.jp-AfLab-log')).toEqual(['one']);
  });

  it('says that the cluster is gone, and keeps what was known', async () => {
    await tellJobs();
    clusters.set({ entries: [] });
    await until('the news', () => document.querySelector('.jp-AfLab-gone'));
    expect(shown('.jp-AfLab-state')).toEqual(['gone']);
    expect(shown('.jp-AfLab-jobs tbody th')).toEqual(['8.0', '8.1']);
    expect(document.querySelector('button[aria-label^=Remove]')).toBeNull();
    expect(find('.jp-AfLab-logs').textContent).toContain('was not loaded before');
  });

  it('says that there is no such cluster', async () => {
    details.dispose();
    clusters.entries = [];
    const trans = nullTranslator.load('af_lab');
    details = new ClusterDetails({ api, clusters, name: 'other', share, trans });
    Widget.attach(details, document.body);
    const news = await until('the news', () => document.querySelector('.jp-AfLab-gone'));
    expect(news.textContent).toContain('No cluster has this name');
  });
});
