import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { ApiError, ServerAway } from '../../src/api';
import { addClusterCommands } from '../../src/clusters/commands';
import { freeName } from '../../src/clusters/names';
import { addExampleCommands } from '../../src/examples/commands';
import { CommandIDs } from '../../src/tokens';
import {
  cluster,
  entry,
  example,
  find,
  findField,
  press,
  SetClusters,
  SetFacility,
  type,
  until
} from '../support';

describe('commands', () => {
  let clusters: SetClusters;
  let facility: SetFacility;
  let state: StateDB;
  let commands: CommandRegistry;
  let notified: string[];

  const onNotified = (_: unknown, { type, notification }: Notification.IChange): void => {
    if (type === 'added') {
      notified.push(notification.message);
    }
  };

  beforeEach(() => {
    clusters = new SetClusters();
    facility = new SetFacility();
    state = new StateDB();
    commands = new CommandRegistry();
    notified = [];
    jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
    Notification.manager.changed.connect(onNotified);
    const app = { commands, shell: { activateById: jest.fn() } } as unknown as JupyterFrontEnd;
    const trans = nullTranslator.load('af_lab');
    addClusterCommands({ app, clusters, facility, notebooks: null, state, trans });
    addExampleCommands({ commands, drive: '', facility, trans });
  });

  afterEach(() => {
    Notification.manager.changed.disconnect(onNotified);
    Notification.dismiss();
  });

  it('describe their arguments', async () => {
    for (const id of commands.listCommands()) {
      expect(await commands.describedBy(id)).toMatchObject({ args: { type: 'object' } });
      expect(commands.label(id)).toBeTruthy();
    }
  });

  it('scale', async () => {
    clusters.entries = [entry()];
    await commands.execute(CommandIDs.scaleCluster, { name: 'dimuon', workers: 7 });
    expect(clusters.change).toHaveBeenCalledWith('dimuon', { workers: 7 });
  });

  it('let a cluster scale itself', async () => {
    clusters.entries = [entry()];
    const adapt = { minimum: 1, maximum: 9 };
    await commands.execute(CommandIDs.adaptCluster, { name: 'dimuon', ...adapt });
    expect(clusters.change).toHaveBeenCalledWith('dimuon', { adapt });
  });

  it('ask for a number that is not given', async () => {
    clusters.entries = [entry()];
    const done = commands.execute(CommandIDs.adaptCluster, { name: 'dimuon' });
    const field = await until('the question', () =>
      document.querySelector<HTMLInputElement>('.jp-Dialog input')
    );
    field.value = '30';
    press(field, 'Enter');
    await done;
    expect(clusters.change).toHaveBeenCalledWith('dimuon', { adapt: { minimum: 0, maximum: 30 } });
  });

  it('remember what was asked for last, under a name that is free', async () => {
    const made = cluster({ name: 'default' });
    clusters.create.mockResolvedValue(made);
    for (const workers of ['2', '7']) {
      const done = commands.execute(CommandIDs.newCluster);
      const field = await until('the form', () =>
        document.querySelector<HTMLInputElement>('.jp-Dialog [name=workers]')
      );
      expect(findField('.jp-Dialog [name=workers]').value).toBe(workers);
      type(field, '7');
      press(field, 'Enter');
      await done;
      clusters.entries = [entry({ name: 'default' })];
    }
    expect(clusters.create.mock.calls.map(([{ name }]) => name)).toEqual(['default', 'default-2']);
  });

  it('open an example', async () => {
    const opened = jest.fn();
    commands.addCommand('docmanager:open', { describedBy: { args: {} }, execute: opened });
    await commands.execute(CommandIDs.openExample, { id: 'dimuon' });
    expect(opened).toHaveBeenCalledWith({ path: 'dimuon.ipynb' });
  });

  it('let the user choose an example', async () => {
    const opened = jest.fn();
    commands.addCommand('docmanager:open', { describedBy: { args: {} }, execute: opened });
    facility.loadExamples.mockImplementation(() => {
      facility.examples = [
        example({ id: 'a', title: 'A' }),
        example({ id: 'b', title: 'B', framework: 'RDataFrame' })
      ];
      return Promise.resolve();
    });
    const done = commands.execute(CommandIDs.openExample);
    const select = await until('the choice', () =>
      document.querySelector<HTMLSelectElement>('.jp-Dialog select')
    );
    select.value = 'B (RDataFrame)';
    press(select, 'Enter');
    await done;
    expect(opened).toHaveBeenCalledWith({ path: 'b.ipynb' });
  });

  it('say why an example was not opened', async () => {
    facility.openExample.mockRejectedValue(new ApiError('The folder is full.'));
    await commands.execute(CommandIDs.openExample, { id: 'dimuon' });
    expect(notified).toEqual(['The example was not opened. The folder is full.']);
  });

  it('take the only cluster when none is named, and ask the server for it', async () => {
    clusters.refresh.mockImplementation(() => {
      clusters.entries = [entry()];
      return Promise.resolve();
    });
    await commands.execute(CommandIDs.scaleCluster, { workers: 7 });
    expect(clusters.change).toHaveBeenCalledWith('dimuon', { workers: 7 });
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
    expect(clusters.change).toHaveBeenCalledWith('b', { workers: 7 });
  });

  it('say so when there is nothing, or nobody knows', async () => {
    clusters.entries = [entry()];
    await commands.execute(CommandIDs.stopCluster, { name: 'another' });
    clusters.entries = [];
    await commands.execute(CommandIDs.stopCluster, {});
    clusters.trouble = new ServerAway('x');
    await commands.execute(CommandIDs.stopCluster, {});
    expect(notified).toEqual([
      'No cluster is available for this.',
      'No cluster is available for this.',
      'The server does not answer. Trying again until it does.'
    ]);
    expect(clusters.stop).not.toHaveBeenCalled();
  });

  it('use clusters that live only', async () => {
    clusters.entries = [entry({ name: 'a', state: 'failed' }), entry({ name: 'b' })];
    await commands.execute(CommandIDs.scaleCluster, { workers: 7 });
    expect(clusters.change).toHaveBeenCalledWith('b', { workers: 7 });
  });

  it('start clusters again that are on hold or have failed', async () => {
    clusters.entries = [entry({ name: 'a' }), entry({ name: 'b', state: 'held' })];
    await commands.execute(CommandIDs.releaseCluster, {});
    await commands.execute(CommandIDs.releaseCluster, { name: 'a' });
    clusters.entries = [entry({ name: 'c', state: 'failed' })];
    await commands.execute(CommandIDs.releaseCluster, { name: 'c' });
    expect(clusters.release.mock.calls).toEqual([['b'], ['c']]);
  });

  it('stop after a warning only, also a cluster on hold', async () => {
    clusters.entries = [entry({ state: 'held' })];
    const done = commands.execute(CommandIDs.stopCluster, { name: 'dimuon' });
    await until('the question', () => document.querySelector('.jp-Dialog .jp-mod-warn'));
    press(find('.jp-Dialog .jp-mod-warn'), 'Escape');
    await done;
    expect(clusters.stop).not.toHaveBeenCalled();
  });

  it('stop after a warning only', async () => {
    clusters.entries = [entry({ counts: { connected: 2 } })];
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
    for (const state of ['held', 'failed'] as const) {
      expect(freeName([entry({ name: 'default', state })])).toBe('default-2');
    }
  });
});
