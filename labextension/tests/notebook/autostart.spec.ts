import type { INotebookTracker } from '@jupyterlab/notebook';

import { AutoStart } from '../../src/notebook/autostart';
import { SetContext, SetKernel, SetNotebook, SetTracker } from './support';
import { entry, SetClusters, SetDashboards, settle } from '../support';

describe('AutoStart', () => {
  let clusters: SetClusters;
  let dashboards: SetDashboards;
  let notebooks: SetTracker<SetNotebook>;
  let auto: AutoStart;
  let isOn: boolean;
  const connected = jest.fn<unknown, []>();
  const failed = jest.fn<unknown, [string, string]>();

  beforeEach(() => {
    jest.clearAllMocks();
    isOn = true;
    clusters = new SetClusters();
    clusters.entries = [entry()];
    dashboards = new SetDashboards();
    dashboards.source = { kind: 'cluster', name: 'dimuon' };
    notebooks = new SetTracker();
    auto = new AutoStart({
      clusters,
      dashboards,
      notebooks: notebooks as unknown as INotebookTracker,
      isOn: () => isOn,
      connected,
      failed
    });
  });

  afterEach(() => {
    auto.dispose();
  });

  const start = async (
    kernel = new SetKernel()
  ): Promise<[SetNotebook, (object | undefined)[]]> => {
    const notebook = new SetNotebook(new SetContext(null));
    notebooks.add(notebook);
    notebook.context.setKernel(kernel);
    await settle();
    return [notebook, kernel.requests.map(({ code }) => code).filter(Boolean) as object[]];
  };

  const CODE = 'import af_lab; client = af_lab.connect("dimuon").get_client()';

  it('connects a kernel that starts', async () => {
    expect((await start())[1]).toEqual([CODE]);
    expect(connected).toHaveBeenCalledTimes(1);
  });

  it('asks how the cluster is now', async () => {
    clusters.entries = [];
    clusters.refresh.mockImplementation(() => {
      clusters.entries = [entry()];
      return Promise.resolve();
    });
    expect((await start())[1]).toEqual([CODE]);
  });

  it('connects one that starts again', async () => {
    const kernel = new SetKernel();
    const [notebook] = await start(kernel);
    notebook.context.setStatus('busy');
    notebook.context.setStatus('idle');
    await settle();
    expect(connected).toHaveBeenCalledTimes(1);
    notebook.context.setStatus('restarting');
    notebook.context.setStatus('idle');
    notebook.context.setStatus('idle');
    await settle();
    expect(connected).toHaveBeenCalledTimes(2);
  });

  it('leaves alone a kernel that has run something', async () => {
    expect((await start(Object.assign(new SetKernel(), { executed: 3 })))[1]).toEqual([]);
  });

  it('leaves alone all of them if it is off, or there is nothing to connect to', async () => {
    isOn = false;
    expect((await start())[1]).toEqual([]);
    isOn = true;
    dashboards.source = { kind: 'address', url: 'http://127.0.0.1:8787/status' };
    expect((await start())[1]).toEqual([]);
    dashboards.source = { kind: 'cluster', name: 'dimuon' };
    clusters.entries = [entry({ state: 'pending' })];
    expect((await start())[1]).toEqual([]);
    expect(connected).not.toHaveBeenCalled();
  });

  it('tells why it did not work', async () => {
    const kernel = new SetKernel();
    await start(Object.assign(kernel, { error: { ename: 'ImportError', evalue: 'no af_lab' } }));
    expect(failed.mock.calls).toEqual([['dimuon', 'ImportError: no af_lab']]);
    expect(connected).not.toHaveBeenCalled();
  });
});
