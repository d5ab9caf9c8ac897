import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';

import { ApiError, CondorUnavailable, ServerAway } from '../../src/api';
import { DashboardsModel } from '../../src/dashboards/model';
import { entry, HoldsAnswersBack, SetClusters, settle } from '../support';

const FOLDER = 'af-lab/api/clusters/dimuon/dashboard/';

const PLOTS = ['Task Stream', 'Cpu', 'Gpu Memory'].map(title => ({
  title,
  url: `${FOLDER}individual-${title.toLowerCase().replace(' ', '-')}`
}));

describe('DashboardsModel', () => {
  let api: HoldsAnswersBack;
  let clusters: SetClusters;
  let model: DashboardsModel;
  let fetched: Request[];
  let respond: () => Promise<unknown>;
  const changed = jest.fn<unknown, []>();

  beforeEach(() => {
    api = new HoldsAnswersBack();
    clusters = new SetClusters();
    fetched = [];
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://hub/user/alice/',
      token: 'secret',
      fetch: request => {
        fetched.push(request as Request);
        return respond() as Promise<Response>;
      }
    });
    const trans = nullTranslator.load('af_lab');
    model = new DashboardsModel({ api, clusters, settings, trans });
    changed.mockClear();
    model.changed.connect(changed);
  });

  afterEach(() => {
    model.dispose();
  });

  const answer = (body: unknown, status = 200): void => {
    respond = () =>
      Promise.resolve({ ok: status === 200, status, json: () => Promise.resolve(body) });
  };

  const titles = (): (string | undefined)[] | undefined => model.plots?.map(({ title }) => title);

  const dimuon = { kind: 'cluster', name: 'dimuon' } as const;

  it('knows nobody at first, and asks nobody', () => {
    clusters.set({ entries: [entry()] });
    expect(model.source).toBeNull();
    expect(model.plots).toBeNull();
    expect(api.asked).toEqual([]);
  });

  describe('of a cluster', () => {
    it('has its plots, by names for people', async () => {
      clusters.set({ entries: [entry()] });
      model.follow(dimuon);
      expect(model.source).toEqual(dimuon);
      await api.answer('plots dimuon', PLOTS);
      expect(titles()).toEqual(['Task Stream', 'Whole Dashboard', 'CPU Use']);
      expect(model.plots?.[1]?.url).toBe(`${FOLDER}status`);
      expect(model.trouble).toBeNull();
    });

    it('has those of GPUs where there are some', async () => {
      const { spec } = entry().cluster;
      clusters.set({ entries: [entry({ spec: { ...spec, gpus: 1 } })] });
      model.follow(dimuon);
      await api.answer('plots', PLOTS);
      expect(titles()).toContain('GPU Memory');
    });

    it('asks once for all that the cluster tells meanwhile', async () => {
      clusters.set({ entries: [entry()] });
      model.follow(dimuon);
      clusters.set({ entries: [entry({ workers: 5 })] });
      model.follow(dimuon);
      await api.answer('plots', PLOTS);
      changed.mockClear();
      clusters.set({ entries: [entry({ workers: 6 })] });
      model.follow(dimuon);
      expect(api.asked).toEqual(['plots dimuon']);
      expect(changed).not.toHaveBeenCalled();
    });

    it('waits until the cluster runs, and again when it runs anew', async () => {
      clusters.set({ entries: [entry({ state: 'pending' })] });
      model.follow(dimuon);
      expect(api.asked).toEqual([]);
      expect(model.trouble).toBeNull();
      clusters.set({ entries: [entry()] });
      await api.answer('plots', PLOTS);
      clusters.set({ entries: [entry({ state: 'pending' })] });
      expect(model.plots).toBeNull();
      clusters.set({ entries: [entry()] });
      await api.answer('plots', PLOTS);
      expect(titles()).toHaveLength(3);
      clusters.set({ entries: [entry({ id: 2 })] });
      expect(model.plots).toBeNull();
      expect(api.open('plots')).toBe(1);
    });

    it('says that it has ended, and has its successor', async () => {
      clusters.set({ entries: [entry()] });
      model.follow(dimuon);
      await api.answer('plots', PLOTS);
      clusters.set({ entries: [entry({ state: 'ended' })] });
      expect(model.trouble?.reason).toBe('The cluster dimuon has ended');
      expect(model.plots).toBeNull();
      clusters.set({ entries: [] });
      expect(model.trouble?.reason).toBe('The cluster dimuon has ended');
      clusters.set({ entries: [entry({ id: 2 })] });
      expect(model.trouble).toBeNull();
      await api.answer('plots', PLOTS);
      expect(titles()).toHaveLength(3);
    });

    it('looks for one that nobody told of before it says so', async () => {
      let found: () => void = () => undefined;
      clusters.refresh.mockImplementation(() => new Promise(resolve => (found = resolve)));
      model.follow(dimuon);
      clusters.set({ entries: [entry({ name: 'other' })] });
      expect(model.trouble).toBeNull();
      found();
      await settle();
      expect(model.trouble?.reason).toBe('The cluster dimuon has ended');
    });

    it('says so when the list cannot be had, and asks when it can', async () => {
      clusters.trouble = new ServerAway('x');
      model.follow(dimuon);
      await settle();
      expect(model.trouble).toBeInstanceOf(ServerAway);
      clusters.set({ trouble: null, entries: [entry()] });
      expect(model.trouble).toBeNull();
      expect(api.open('plots')).toBe(1);
    });

    it('tells what the server says, and asks again on demand or when the server is back', async () => {
      clusters.set({ entries: [entry()] });
      model.follow(dimuon);
      await api.refuse('plots', new ApiError('Install `bokeh`.'));
      expect(model.trouble?.message).toBe('Install `bokeh`.');
      clusters.set({ entries: [entry()] });
      expect(api.open('plots')).toBe(0);
      void model.refresh();
      await api.refuse('plots', new ServerAway('x'));
      clusters.set({ trouble: new ServerAway('x') });
      expect(api.open('plots')).toBe(0);
      clusters.set({ trouble: null });
      await api.answer('plots', PLOTS);
      expect(titles()).toHaveLength(3);
    });

    it('takes no late answer for another cluster’s', async () => {
      clusters.set({ entries: [entry(), entry({ name: 'other', id: 2 })] });
      model.follow(dimuon);
      model.follow({ kind: 'cluster', name: 'other' });
      await api.answer('plots dimuon', PLOTS);
      expect(model.plots).toBeNull();
      await api.answer('plots other', []);
      expect(titles()).toEqual(['Whole Dashboard']);
    });
  });

  it('keeps those of two clusters apart, and asks once for all who use one', async () => {
    clusters.set({ entries: [entry(), entry({ name: 'higgs', id: 2 })] });
    model.follow(dimuon);
    const uses = [dimuon, { kind: 'cluster', name: 'higgs' } as const, dimuon].map(source =>
      model.use(source)
    );
    expect(api.asked).toEqual(['plots dimuon', 'plots higgs']);
    await api.answer('plots dimuon', PLOTS);
    expect(uses.map(({ dashboard }) => dashboard.plots?.length)).toEqual([3, undefined, 3]);
    model.follow({ kind: 'cluster', name: 'higgs' });
    expect(uses[0]?.dashboard.plots).toHaveLength(3);
    await api.answer('plots higgs', []);

    // The last user of dimuon has gone: nobody asks for it any more.
    uses[0]?.dispose();
    uses[0]?.dispose();
    clusters.set({ entries: [entry({ id: 3 }), entry({ name: 'higgs', id: 2 })] });
    await api.answer('plots dimuon', PLOTS);
    uses[2]?.dispose();
    clusters.set({ entries: [entry({ id: 4 }), entry({ name: 'higgs', id: 2 })] });
    expect(api.open('plots')).toBe(0);
  });

  describe('of an address', () => {
    const follow = async (url: string): Promise<void> => {
      model.follow({ kind: 'address', url });
      await settle();
    };

    it('has the plots, asked for through the Jupyter server without its token', async () => {
      answer({
        'Individual Task Stream': '/prefix/individual-task-stream',
        'Individual Gpu Memory': '/individual-gpu-memory',
        'Individual Cluster Map': '/statics/individual-cluster-map.html',
        'Individual Evil': 'https://evil.example.org/?x='
      });
      await follow('http://127.0.0.1:8787/status');
      const [request] = fetched;
      expect(request?.url).toMatch(
        /^http:\/\/hub\/user\/alice\/proxy\/8787\/individual-plots\.json/
      );
      expect(request?.headers.get('Authorization')).toBeNull();
      expect(request?.redirect).toBe('error');
      expect(model.plots).toEqual([
        { title: 'Task Stream', url: 'proxy/8787/individual-task-stream' },
        { title: 'Whole Dashboard', url: 'proxy/8787/status' },
        { title: 'Cluster Map', url: 'proxy/8787/statics/individual-cluster-map.html' },
        { title: 'GPU Memory', url: 'proxy/8787/individual-gpu-memory' }
      ]);
    });

    it.each([
      [403, 'The Jupyter server may not connect to wn7', '`c.ServerProxy.host_allowlist`'],
      [500, 'No answer from wn7:8787', 'client.dashboard_link'],
      [599, 'No answer from wn7:8787', 'client.dashboard_link'],
      [404, 'No Dask dashboard at wn7:8787', '`bokeh`']
    ])('tells what a %d means', async (status, reason, remedy) => {
      answer(null, status);
      await follow('http://wn7:8787/status');
      expect(model.trouble?.reason).toBe(reason);
      expect(model.trouble?.message).toContain(remedy);
      expect(model.plots).toBeNull();
    });

    it('tells that nobody answers, or somebody else', async () => {
      respond = () => Promise.reject(new TypeError('Failed to fetch'));
      await follow('http://wn7:8787/status');
      expect(model.trouble?.reason).toBe('No answer from wn7:8787');
      respond = () =>
        Promise.resolve({ ok: true, status: 200, json: () => Promise.reject(new Error('HTML')) });
      await follow('http://wn7:8787/status');
      expect(model.trouble?.reason).toBe('No Dask dashboard at wn7:8787');
    });

    it('asks nobody for an address that is wrong', async () => {
      await follow('http://hub/user/bob/proxy/8787/status');
      expect(model.trouble?.message).toContain('your own Jupyter server');
      await follow('tcp://127.0.0.1:8786');
      expect(model.trouble?.message).toContain('scheduler');
      await follow('dimuon');
      expect(model.trouble?.message).toContain('http://127.0.0.1:8787/status');
      expect(fetched).toEqual([]);
    });

    it('is a cluster’s where af_lab passes it on', async () => {
      clusters.set({ entries: [entry()] });
      await follow(`/user/alice/${FOLDER}status`);
      expect(model.source).toEqual(dimuon);
      expect(api.asked).toEqual(['plots dimuon']);
    });

    it('does not mind the clusters', async () => {
      answer({});
      await follow('8787');
      changed.mockClear();
      clusters.set({ entries: [entry()], trouble: new CondorUnavailable('x') });
      clusters.set({ trouble: null });
      expect(changed).not.toHaveBeenCalled();
      expect(fetched).toHaveLength(1);
    });

    it('has its pages loaded again when the Jupyter server is back', async () => {
      answer({ 'Individual Task Stream': '/individual-task-stream' });
      await follow('8787');
      clusters.set({ trouble: new ServerAway('x') });
      clusters.set({ trouble: new CondorUnavailable('x') });
      expect(titles()).toHaveLength(2);
      clusters.set({ trouble: null });
      expect(titles()).toBeUndefined();
      await settle();
      expect(titles()).toHaveLength(2);
      expect(fetched).toHaveLength(2);
    });
  });
});
