import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { runningRuns } from '../../src/runs/running';
import { CommandIDs } from '../../src/tokens';
import { runEntry, SetRuns } from '../support';

describe('what is running', () => {
  const runs = new SetRuns();
  const commands = new CommandRegistry();
  const manager = runningRuns(runs, commands, nullTranslator.load('af_lab'));
  const { name: fit } = runEntry().run;

  beforeEach(() => {
    jest.clearAllMocks();
    runs.entries = [
      runEntry(),
      runEntry({ name: 'old', state: 'ended', progress: { done: 500, running: 0 } })
    ];
  });

  it('are the runs with calls that have not ended', () => {
    const items = manager.running();
    expect(items.map(item => item.label())).toEqual([fit]);
    expect(items[0]?.detail?.()).toBe('running');
    expect(items[0]?.labelTitle?.()).toContain('120 of 500 calls done');
    runs.entries = [runEntry({}, { change: 'cancel' })];
    expect(manager.running()[0]?.detail?.()).toBe('cancelling');
  });

  it('opens and cancels by the commands', () => {
    const asked: unknown[] = [];
    for (const id of [CommandIDs.showRunLog, CommandIDs.cancelRun]) {
      commands.addCommand(id, {
        describedBy: { args: {} },
        execute: ({ name }) => asked.push([id, name])
      });
    }
    const [item] = manager.running();
    item?.open?.();
    item?.shutdown?.();
    expect(asked).toEqual([
      [CommandIDs.showRunLog, fit],
      [CommandIDs.cancelRun, fit]
    ]);
  });

  it('cancels all that have calls left', () => {
    manager.shutdownAll();
    expect(runs.cancel.mock.calls).toEqual([[fit]]);
  });
});
