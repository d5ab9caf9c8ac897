import type { IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { ExtensionMissing } from '../../src/api';
import { ActiveNotebook } from '../../src/notebook/activeclient';
import { ClusterButton } from '../../src/notebook/clusterbutton';
import { ClusterMenu } from '../../src/notebook/clustermenu';
import { connectCode, LEAVE_CODE, makeCode } from '../../src/notebook/insertcode';
import { KernelCluster } from '../../src/notebook/kernelcluster';
import { placesOf } from '../../src/notebook/places';
import { CommandIDs } from '../../src/tokens';
import { entry, find, SetClusters, SetFacility, until } from '../support';
import { SetContext, SetKernel, SetNotebook, SetTracker } from './support';

const trans = nullTranslator.load('af_lab');
const OURS = { cluster: 'dimuon', dashboard: null, address: 'tls://10.0.0.1:8786' };

describe('the button in the toolbar', () => {
  let clusters: SetClusters;
  let clients: ActiveNotebook;
  let kernel: SetKernel;
  let notebook: SetNotebook;
  let notebooks: SetTracker<SetNotebook>;
  let button: ClusterButton;
  let model: KernelCluster;
  const run = jest.fn<Promise<boolean>, [string]>(() => Promise.resolve(true));
  const executed: unknown[] = [];

  beforeEach(() => {
    run.mockClear();
    executed.length = 0;
    clusters = new SetClusters();
    clusters.entries = [
      entry({ workers: 8, counts: { connected: 3 } }),
      entry({ id: 2, name: 'ttbar', counts: { connected: 2 }, scheduler_address: 'tls://b' }),
      entry({ id: 3, name: 'gone', state: 'ended' })
    ];
    kernel = new SetKernel();
    notebook = new SetNotebook(new SetContext(kernel));
    notebooks = new SetTracker();
    notebooks.add(notebook);
    clients = new ActiveNotebook({
      clusters,
      consoles: null,
      notebooks: notebooks as unknown as INotebookTracker,
      // No notebook is current: each has a button.
      shell: { currentWidget: null }
    });
    const commands = new CommandRegistry();
    const describedBy = { args: { type: 'object', properties: {} } };
    for (const id of [CommandIDs.showPlots, CommandIDs.showDetails, CommandIDs.findClient]) {
      commands.addCommand(id, { describedBy, execute: args => executed.push([id, { ...args }]) });
    }
    commands.addCommand(CommandIDs.newCluster, { describedBy, execute: () => 'made' });
    const { sessionContext } = notebook;
    model = new KernelCluster({ clients, clusters, sessionContext });
    const menu = new ClusterMenu({
      ask: () => clients.ask(model.kernel),
      clusters,
      commands,
      facility: new SetFacility(),
      model,
      run,
      trans
    });
    button = new ClusterButton({ model, openMenu: at => menu.open(at), trans });
    Widget.attach(button, document.body);
  });

  afterEach(() => {
    button.dispose();
    clients.dispose();
  });

  const node = (): HTMLElement => find('.jp-AfLab-clusterButton button');
  const shown = (text: string): Promise<unknown> =>
    until(`"${text}"`, () => button.isVisible && button.node.textContent === text);

  const open = async (): Promise<HTMLElement[]> => {
    node().click();
    await until('the menu', () => document.querySelector('.jp-AfLab-menu'));
    return [...document.querySelectorAll<HTMLElement>('.jp-AfLab-menu [role="menuitem"]')];
  };

  const labels = (items: HTMLElement[]): string[] =>
    items.map(item => find('.lm-Menu-itemLabel', item).textContent);

  /** Press a key in the menu, which only looks at the code of the key. */
  const key = (keyCode: number): void => {
    const options = { keyCode, bubbles: true, cancelable: true };
    find('.jp-AfLab-menu').dispatchEvent(new KeyboardEvent('keydown', options));
  };

  const close = async (): Promise<void> => {
    key(27);
    await until('its end', () => node().getAttribute('aria-expanded') === 'false');
  };

  const choose = async (label: string): Promise<void> => {
    const index = labels(await open()).findIndex(text => text.includes(label));
    for (let down = 0; down <= index; down++) {
      key(40);
    }
    key(13);
    await until('its end', () => node().getAttribute('aria-expanded') === 'false');
  };

  it('names the cluster of the kernel and its workers', async () => {
    await shown('No cluster');
    kernel.client = OURS;
    await clients.ask(kernel.asConnection);
    await shown('dimuon · 3 of 8 workers');
    clusters.set({ entries: [entry({ workers: 8, counts: { connected: 8 } })] });
    await shown('dimuon · 8 workers');
    expect(node().title).toContain('8 of 8 workers connected');
    clusters.set({ entries: [] });
    await shown('dimuon');
    kernel.client = { ...OURS, cluster: null, dashboard: 'http://127.0.0.1:8787/status' };
    await clients.ask(kernel.asConnection);
    await shown('Dask: 127.0.0.1:8787');
  });

  it('follows the kernel, without asking it', async () => {
    kernel.client = OURS;
    await clients.ask(kernel.asConnection);
    await shown('dimuon · 3 of 8 workers');
    notebook.context.setStatus('restarting');
    await shown('No cluster');
    await clients.ask(kernel.asConnection);
    const asked = kernel.requests.length;
    notebook.context.setKernel(new SetKernel('k2'));
    await shown('No cluster');
    notebook.context.setKernel(kernel);
    await shown('dimuon · 3 of 8 workers');
    expect(kernel.requests).toHaveLength(asked);
  });

  it('is there only where a cluster can be used', async () => {
    await shown('No cluster');
    notebook.context.setKernel(Object.assign(new SetKernel('r'), { language: 'R' }));
    expect(button.isHidden).toBe(true);
    notebook.context.setKernel(new SetKernel('k3'));
    await shown('No cluster');
    clusters.set({ trouble: new ExtensionMissing('404', 'Not Found') });
    expect(button.isHidden).toBe(true);
    clusters.set({ trouble: null });
    await shown('No cluster');
    notebook.context.kernel = null;
    notebook.context.kernelChanged.emit({});
    expect(button.isHidden).toBe(true);
  });

  it('offers clusters to connect to, and a new one', async () => {
    await shown('No cluster');
    expect(labels(await open())).toEqual([
      'Connect to dimuon · 3 of 8 workers',
      'Connect to ttbar · 2 workers',
      'New cluster with 2 workers',
      'New cluster with other settings…'
    ]);
    expect(clusters.refresh).toHaveBeenCalled();
    await close();
    expect(document.activeElement).toBe(node());
    expect(run).not.toHaveBeenCalled();
  });

  it.each([
    ['Connect to ttbar', connectCode('ttbar')],
    ['New cluster with 2', makeCode('default', 2)],
    ['New cluster with other', connectCode('made')]
  ])('runs the code, and asks the kernel then: %s', async (label, code) => {
    await shown('No cluster');
    kernel.client = OURS;
    await choose(label);
    await shown('dimuon · 3 of 8 workers');
    expect(run.mock.calls).toEqual([[code]]);
  });

  it('offers what can be done with the cluster that is used', async () => {
    kernel.client = OURS;
    await clients.ask(kernel.asConnection);
    await shown('dimuon · 3 of 8 workers');
    await choose('Plots');
    await choose('Details');
    expect(executed).toEqual([
      [CommandIDs.showPlots, { name: 'dimuon' }],
      [CommandIDs.showDetails, { name: 'dimuon' }]
    ]);
    kernel.client = null;
    await choose('Stop using dimuon');
    await shown('No cluster');
    expect(run.mock.calls).toEqual([[LEAVE_CODE]]);
  });

  it('says in its menu why there is nothing to choose', async () => {
    await shown('No cluster');
    clusters.refresh.mockImplementationOnce(() => {
      clusters.set({ trouble: new ExtensionMissing('404', 'Not Found') });
      return Promise.resolve();
    });
    const [item, ...others] = await open();
    expect(others).toEqual([]);
    expect(item?.textContent).toContain('af_lab is missing on the server');
    expect(item?.classList.contains('lm-mod-disabled')).toBe(true);
    await close();
  });

  it('knows the notebooks that use a cluster', async () => {
    const places = (): unknown[] =>
      placesOf(clients, notebooks as unknown as INotebookTracker, null as IConsoleTracker | null);
    expect(places()).toEqual([]);
    kernel.client = OURS;
    await clients.ask(kernel.asConnection);
    expect(places()).toEqual([{ cluster: 'dimuon', panel: notebook }]);
  });
});
