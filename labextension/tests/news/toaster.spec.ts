import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { ApiError } from '../../src/api';
import { keep } from '../../src/news/keep';
import type { NewsKind } from '../../src/news/record';
import { Told } from '../../src/news/told';
import { Toaster } from '../../src/news/toaster';
import { cluster, entry, runEntry, SetClusters, SetRuns } from '../support';

const trans = nullTranslator.load('af_lab');

const MINUTE = 60_000;

const messages = (): string[] =>
  Notification.manager.notifications.map(({ message }) => message).reverse();

let clusters: SetClusters;

beforeEach(() => {
  jest.useFakeTimers();
  clusters = new SetClusters();
  clusters.entries = [entry({ workers: 2 })];
});

afterEach(() => {
  Notification.dismiss();
  localStorage.clear();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('Toaster', () => {
  const act = jest.fn<unknown, [string, string]>();
  let runs: SetRuns;
  let off: Set<NewsKind>;
  let inFront: Set<string>;
  let isHidden: boolean;
  let toaster: Toaster;
  const switched = new Signal<object, void>({});

  const made = (): Toaster =>
    new Toaster({
      act,
      clusters,
      isOn: kind => !off.has(kind),
      places: () => ({ inFront, open: inFront }),
      runs,
      switched,
      told: new Told('/', localStorage),
      trans
    });

  beforeEach(() => {
    act.mockClear();
    isHidden = false;
    jest.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
    runs = new SetRuns();
    off = new Set();
    inFront = new Set();
    toaster = made();
  });

  afterEach(() => {
    toaster.dispose();
  });

  const hide = (hidden: boolean): void => {
    isHidden = hidden;
    jest.advanceTimersByTime(1);
    document.dispatchEvent(new Event('visibilitychange'));
  };

  /** News from the server come later than all that was there before. */
  const set = (parts: Parameters<SetClusters['set']>[0]): void => {
    jest.advanceTimersByTime(1);
    clusters.set({ seen: Date.now(), ...parts });
  };

  const connected = (count: number): void => {
    set({ entries: [entry({ workers: 2, counts: { connected: count } })] });
  };

  it('shows news with what can be done, in the place of earlier ones of the subject', () => {
    connected(1);
    expect(messages()).toEqual(['dimuon: the first of 2 workers has arrived.']);
    connected(2);
    expect(messages()).toEqual(['dimuon: all of its 2 workers have arrived.']);
    const [{ options, type } = { options: {}, type: '' }] = Notification.manager.notifications;
    expect(type).toBe('success');
    expect(options.autoClose).toBe(8_000);
    expect(options.actions?.map(({ label }) => label)).toEqual(['Plots']);
    options.actions?.[0]?.callback(new MouseEvent('click'));
    expect(act).toHaveBeenCalledWith('showPlots', 'dimuon');
  });

  it('puts away what is over', () => {
    set({ entries: [entry({ state: 'failed', reason: 'x' })] });
    expect(messages()).toEqual(['The cluster dimuon has failed: x']);
    expect(Notification.manager.notifications[0]?.options.autoClose).toBe(false);
    set({ entries: [entry({ state: 'pending' })] });
    expect(messages()).toEqual([]);
  });

  it('shows no kind that the user does not want, and watches nothing if they want none', () => {
    expect(clusters.watchers).toBe(1);
    off.add('workersArrived');
    connected(1);
    expect(messages()).toEqual([]);
    off = new Set([
      'workersArrived',
      'jobsHeld',
      'clusterFailed',
      'clusterEnds',
      'computationEnded'
    ]);
    switched.emit();
    expect(clusters.watchers).toBe(0);
  });

  it('watches while there is a cluster or an active run', () => {
    expect(clusters.watchers).toBe(1);
    set({ entries: [entry({ state: 'ended' })] });
    expect(clusters.watchers).toBe(0);
    runs.set({ entries: [runEntry()] });
    expect(clusters.watchers).toBe(1);
    toaster.dispose();
    expect(clusters.watchers).toBe(0);
  });

  it('waits until the list is known', () => {
    clusters.seen = null;
    const late = made();
    set({ entries: [entry({ workers: 2, counts: { connected: 2 } })] });
    expect(clusters.watchers).toBe(2);
    late.dispose();
  });

  it('tells what happens with time, without a message from the server', () => {
    const end = new Date(Date.now() + 5 * MINUTE + 2_000).toISOString();
    const since = new Date(Date.now() - 55 * MINUTE).toISOString();
    set({ entries: [entry({ ends_at: end, idle_since: since })] });
    expect(messages()).toEqual([]);
    jest.advanceTimersByTime(5_000);
    expect(messages()).toEqual(['The cluster dimuon has no tasks, and ends within 5 min.']);
  });

  it('says what happened while the page was hidden when it is seen again, but not what is over', () => {
    hide(true);
    connected(1);
    set({ entries: [entry({ state: 'failed', reason: 'x' })] });
    set({ entries: [entry({ state: 'pending' })] });
    connected(2);
    expect(messages()).toEqual([]);
    hide(false);
    expect(messages()).toEqual(['dimuon: all of its 2 workers have arrived.']);
    hide(true);
    hide(false);
    expect(messages()).toHaveLength(1);
  });

  it('tells an end that was neither announced nor seen, once', () => {
    hide(true);
    const ends = new Date(Date.now() + MINUTE).toISOString();
    set({ entries: [entry({ ends_at: ends })] });
    set({ entries: [entry({ state: 'ended', reason: 'It had no task for 1 h.' })] });
    hide(false);
    expect(messages()).toEqual(['The cluster dimuon has ended: It had no task for 1 h.']);
  });

  it('tells no end that was announced and dismissed', () => {
    const ends = new Date(Date.now() + MINUTE).toISOString();
    set({ entries: [entry({ ends_at: ends })] });
    expect(messages()).toHaveLength(1);
    Notification.dismiss();
    set({ entries: [entry({ state: 'ended' })] });
    expect(messages()).toEqual([]);
  });

  it('counts a notebook as in front only from the first message after the page was hidden', () => {
    const busy = { done: 1, total: 9, running: 1, erred: 0, rate: null, remaining: null };
    const computing = (progress: typeof busy | null): void => {
      set({ entries: [{ ...entry(), cluster: Object.assign(cluster(), { progress }) }] });
    };
    inFront = new Set(['dimuon']);
    computing(busy);
    hide(true);
    jest.advanceTimersByTime(2 * MINUTE);
    hide(false);
    // The page is connected again; that is no news of the cluster.
    clusters.set({});
    computing(null);
    jest.advanceTimersByTime(10_000);
    expect(messages()).toEqual(['dimuon: a computation of 2 min has ended.']);
    computing(busy);
    jest.advanceTimersByTime(2 * MINUTE);
    computing(null);
    jest.advanceTimersByTime(10_000);
    expect(messages()).toHaveLength(1);
  });

  it('does not repeat what another tab has told meanwhile', () => {
    const other = made();
    connected(1);
    expect(messages()).toHaveLength(1);
    other.dispose();
  });
});

describe('keep', () => {
  const change = jest.fn<Promise<never>, [string, object]>();

  beforeEach(() => {
    change.mockReset();
  });

  const keepIt = (): Promise<void> => keep('dimuon', { api: { change }, clusters, trans });

  it('lets the cluster live an hour longer than it would', async () => {
    const times = { idle_since: '2026-11-27T11:00:00Z', ends_at: '2026-11-27T12:30:00Z' };
    clusters.entries = [entry(times)];
    change.mockResolvedValue(cluster(times) as never);
    await keepIt();
    expect(change).toHaveBeenCalledWith('dimuon', { idle_timeout: 2.5 * 3600 });
    expect(messages()).toEqual(['The cluster dimuon stays for an hour more.']);
  });

  it('says why it could not', async () => {
    clusters.entries = [
      entry({ idle_since: '2026-11-27T11:00:00Z', ends_at: '2026-11-27T12:00:00Z' })
    ];
    change.mockRejectedValue(new ApiError('It has ended.', null, 'ClusterNotFound'));
    await keepIt();
    expect(messages()).toEqual(['The cluster dimuon was not kept. It has ended.']);
  });

  it('changes nothing of a cluster that has got tasks', async () => {
    clusters.entries = [entry()];
    await keepIt();
    expect(change).not.toHaveBeenCalled();
  });
});
