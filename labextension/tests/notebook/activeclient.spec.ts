import type { IConsoleTracker } from '@jupyterlab/console';
import { type INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';

import { ActiveNotebook } from '../../src/notebook/activeclient';
import { SetConsole, SetContext, SetKernel, SetNotebook, SetTracker } from './support';
import { entry, SetClusters, settle } from '../support';

const OURS = { cluster: 'dimuon', dashboard: null, address: 'tls://10.0.0.1:8786' };
const LOCAL = {
  cluster: null,
  dashboard: 'http://127.0.0.1:8787/status',
  address: 'tcp://127.0.0.1:8786'
};

describe('ActiveNotebook', () => {
  let clusters: SetClusters;
  let notebooks: SetTracker<SetNotebook>;
  let consoles: SetTracker<SetConsole>;
  let notebook: SetNotebook;
  let kernel: SetKernel;
  let shell: { currentWidget: Widget | null };
  let model: ActiveNotebook;
  let isHidden: boolean;

  beforeEach(() => {
    jest.useFakeTimers();
    isHidden = false;
    jest.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
    clusters = new SetClusters();
    notebooks = new SetTracker();
    consoles = new SetTracker();
    kernel = new SetKernel();
    notebook = new SetNotebook(new SetContext(kernel));
    notebooks.add(notebook);
    notebooks.currentWidget = notebook;
    shell = { currentWidget: notebook };
    model = new ActiveNotebook({
      clusters,
      notebooks: notebooks as unknown as INotebookTracker,
      consoles: consoles as unknown as IConsoleTracker,
      shell
    });
  });

  afterEach(() => {
    model.dispose();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const later = async (milliseconds: number): Promise<void> => {
    await settle();
    jest.advanceTimersByTime(milliseconds);
    await settle();
  };

  const run = (one = notebook): void => {
    const executed = NotebookActions.executed as unknown as { emit: (args: object) => void };
    executed.emit({ notebook: one.content });
  };

  it('asks the kernel when it becomes current, and after cells have been run', async () => {
    expect(model.client).toBeNull();
    await later(1_000);
    expect(kernel.requests).toHaveLength(1);
    kernel.client = LOCAL;
    run();
    await later(500);
    run();
    await later(999);
    expect(kernel.requests).toHaveLength(1);
    await later(1);
    expect(kernel.requests).toHaveLength(2);
    expect(model.client).toEqual(LOCAL);
    expect(model.entry).toBeNull();
    await later(600_000);
    notebook.context.setStatus('busy');
    notebook.context.setStatus('idle');
    await later(600_000);
    expect(kernel.requests).toHaveLength(2);
  });

  it('asks no kernel that is busy, and forgets nothing', async () => {
    kernel.client = LOCAL;
    await later(1_000);
    kernel.status = 'busy';
    run();
    await later(60_000);
    expect(kernel.requests).toHaveLength(1);
    expect(model.client).toEqual(LOCAL);
    kernel.isSilent = true;
    const asked = model.ask();
    await later(5_000);
    expect(await asked).toBeNull();
    expect(model.client).toEqual(LOCAL);
  });

  it('does not mind what is run elsewhere', async () => {
    await later(1_000);
    run(new SetNotebook());
    await later(1_000);
    expect(kernel.requests).toHaveLength(1);
  });

  it('asks nothing while the document is hidden', async () => {
    isHidden = true;
    run();
    await later(60_000);
    expect(kernel.requests).toHaveLength(0);
    isHidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(kernel.requests).toHaveLength(1);
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(kernel.requests).toHaveLength(1);
  });

  it('forgets the client of a kernel that starts again, or another', async () => {
    kernel.client = LOCAL;
    await later(1_000);
    notebook.context.setStatus('restarting');
    expect(model.client).toBeNull();
    kernel.client = LOCAL;
    run();
    await later(1_000);
    expect(model.client).toEqual(LOCAL);
    notebook.context.setKernel(new SetKernel('k2'));
    expect(model.client).toBeNull();
  });

  it('follows from notebook to console and back', async () => {
    kernel.client = OURS;
    await later(1_000);
    const terminal = new SetConsole(new SetContext(new SetKernel('k2')));
    consoles.add(terminal);
    shell.currentWidget = terminal;
    consoles.setCurrent(terminal);
    await later(1_000);
    expect(model.client).toBeNull();
    terminal.context.kernel = Object.assign(new SetKernel('k2'), { client: LOCAL });
    terminal.console.executed.emit(new Date());
    await later(1_000);
    expect(model.client).toEqual(LOCAL);
    shell.currentWidget = new Widget();
    consoles.currentChanged.emit(null);
    expect(model.client).toEqual(LOCAL);
    shell.currentWidget = notebook;
    notebooks.currentChanged.emit(notebook);
    expect(model.client).toEqual(OURS);
  });

  it('has the cluster watched while there is one and it can be seen', async () => {
    expect(clusters.watchers).toBe(0);
    kernel.client = OURS;
    await later(1_000);
    expect(clusters.watchers).toBe(1);
    clusters.set({ entries: [entry()] });
    expect(model.entry?.cluster.name).toBe('dimuon');
    isHidden = true;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(clusters.watchers).toBe(0);
    isHidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(clusters.watchers).toBe(1);
    notebook.context.setStatus('dead');
    expect(clusters.watchers).toBe(0);
  });

  it('knows a cluster by its scheduler', async () => {
    clusters.entries = [entry()];
    kernel.client = { ...OURS, cluster: null };
    await later(1_000);
    expect(model.client?.cluster).toBe('dimuon');
    expect(clusters.watchers).toBe(1);
    model.dispose();
    expect(clusters.watchers).toBe(0);
  });

  it('has no client where nothing is open', async () => {
    shell.currentWidget = null;
    notebooks.widgets.splice(0);
    notebooks.setCurrent(null);
    expect(await model.ask()).toBeNull();
  });
});
