import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { ServerAway } from '../src/api';
import { addCommands, freeName } from '../src/commands';
import { CommandIDs } from '../src/tokens';
import { entry, find, press, SetClusters, until } from './support';

describe('commands', () => {
  let clusters: SetClusters;
  let commands: CommandRegistry;
  let notified: string[];

  const onNotified = (_: unknown, { type, notification }: Notification.IChange): void => {
    if (type === 'added') {
      notified.push(notification.message);
    }
  };

  beforeEach(() => {
    clusters = new SetClusters();
    commands = new CommandRegistry();
    notified = [];
    jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
    Notification.manager.changed.connect(onNotified);
    const app = { commands, shell: { activateById: jest.fn() } } as unknown as JupyterFrontEnd;
    addCommands({ app, clusters, notebooks: null, trans: nullTranslator.load('af_lab') });
  });

  afterEach(() => {
    Notification.manager.changed.disconnect(onNotified);
    Notification.dismiss();
  });

  it('describe their arguments', async () => {
    for (const id of Object.values(CommandIDs)) {
      expect(await commands.describedBy(id)).toMatchObject({ args: { type: 'object' } });
      expect(commands.label(id)).toBeTruthy();
    }
  });

  it('scale', async () => {
    clusters.entries = [entry()];
    await commands.execute(CommandIDs.scaleCluster, { name: 'dimuon', workers: 7 });
    expect(clusters.scale).toHaveBeenCalledWith('dimuon', 7);
  });

  it('take the only cluster when none is named, and ask the server for it', async () => {
    clusters.refresh.mockImplementation(() => {
      clusters.entries = [entry()];
      return Promise.resolve();
    });
    await commands.execute(CommandIDs.scaleCluster, { workers: 7 });
    expect(clusters.scale).toHaveBeenCalledWith('dimuon', 7);
  });

  it('let the user choose among several', async () => {
    clusters.entries = [entry({ name: 'a' }), entry({ name: 'b' })];
    const done = commands.execute(CommandIDs.scaleCluster, { workers: 7 });
    const select = await until('the choice', () =>
      document.querySelector<HTMLSelectElement>('.jp-Dialog select')
    );
    select.value = 'b';
    press(select, 'Enter');
    await done;
    expect(clusters.scale).toHaveBeenCalledWith('b', 7);
  });

  it('say so when there is nothing, or nobody knows', async () => {
    clusters.entries = [entry()];
    await commands.execute(CommandIDs.stopCluster, { name: 'another' });
    clusters.entries = [];
    await commands.execute(CommandIDs.stopCluster, {});
    clusters.trouble = new ServerAway('x');
    await commands.execute(CommandIDs.stopCluster, {});
    expect(notified).toEqual([
      'There is no cluster to do this with.',
      'There is no cluster to do this with.',
      'The server does not answer. Asking it again until it does.'
    ]);
    expect(clusters.stop).not.toHaveBeenCalled();
  });

  it('use clusters that live only', async () => {
    clusters.entries = [entry({ name: 'a', state: 'failed' }), entry({ name: 'b' })];
    await commands.execute(CommandIDs.scaleCluster, { workers: 7 });
    expect(clusters.scale).toHaveBeenCalledWith('b', 7);
  });

  it('stop after a warning only', async () => {
    clusters.entries = [entry({ counts: { running: 2, connected: 2 } })];
    for (const [key, calls] of [
      ['Escape', 0],
      ['Enter', 1]
    ] as const) {
      const done = commands.execute(CommandIDs.stopCluster, { name: 'dimuon' });
      await until('the question', () => document.querySelector('.jp-Dialog .jp-mod-warn'));
      expect(find('.jp-Dialog-body').textContent).toContain('2 workers are connected');
      press(find('.jp-Dialog .jp-mod-warn'), key);
      await done;
      expect(clusters.stop).toHaveBeenCalledTimes(calls);
    }
  });

  it('take a cluster that has ended off the list without a question', async () => {
    clusters.entries = [entry({ state: 'ended' })];
    await commands.execute(CommandIDs.stopCluster, { name: 'dimuon' });
    expect(clusters.stop).toHaveBeenCalledWith('dimuon');
  });

  it('copy the code when no notebook is open', async () => {
    clusters.entries = [entry()];
    await commands.execute(CommandIDs.insertCode, { name: 'dimuon' });
    expect(Clipboard.copyToSystem).toHaveBeenCalledWith(
      expect.stringContaining('cluster = af_lab.connect("dimuon")\nclient = cluster.get_client()')
    );
    expect(notified[0]).toContain('No notebook is open');
  });
});

describe('freeName', () => {
  it('is the first that nobody has', () => {
    expect(freeName([])).toBe('default');
    expect(freeName([entry({ name: 'default' }), entry({ name: 'default-2' })])).toBe('default-3');
    expect(freeName([entry({ name: 'default', state: 'ended' })])).toBe('default');
  });
});
