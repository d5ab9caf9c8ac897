import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { runningClusters } from '../../src/clusters/running';
import { CommandIDs } from '../../src/tokens';
import { entry, SetClusters } from '../support';

describe('what is running', () => {
  const clusters = new SetClusters();
  const commands = new CommandRegistry();
  const manager = runningClusters(clusters, commands, nullTranslator.load('af_lab'));

  beforeEach(() => {
    jest.clearAllMocks();
    clusters.entries = [
      entry({ counts: { connected: 1 } }),
      entry({ name: 'old', id: 2, state: 'ended' })
    ];
  });

  it('are the clusters that live', () => {
    const items = manager.running();
    expect(items.map(item => item.label())).toEqual(['dimuon']);
    expect(items[0]?.detail?.()).toBe('running');
    clusters.entries = [entry({ counts: { held: 1 } })];
    expect(manager.running()[0]?.detail?.()).toBe('jobs on hold');
    expect(items[0]?.labelTitle?.()).toContain('1 of 2 workers connected');
  });

  it('opens and stops by the commands', () => {
    const asked: unknown[] = [];
    for (const id of [CommandIDs.showDetails, CommandIDs.stopCluster]) {
      commands.addCommand(id, {
        describedBy: { args: {} },
        execute: ({ name }) => asked.push([id, name])
      });
    }
    const [item] = manager.running();
    item?.open?.();
    item?.shutdown?.();
    expect(asked).toEqual([
      [CommandIDs.showDetails, 'dimuon'],
      [CommandIDs.stopCluster, 'dimuon']
    ]);
  });

  it('stops all that live', () => {
    manager.shutdownAll();
    expect(clusters.stop.mock.calls).toEqual([['dimuon']]);
  });
});
