import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { ApiError, type LogPart } from '../../src/api';
import { addRunCommands } from '../../src/runs/commands';
import { CommandIDs } from '../../src/tokens';
import { find, press, runEntry, SetRuns, until } from '../support';

describe('commands of runs', () => {
  let runs: SetRuns;
  let commands: CommandRegistry;

  beforeEach(() => {
    runs = new SetRuns();
    commands = new CommandRegistry();
    addRunCommands({ commands, runs, trans: nullTranslator.load('af_lab') });
  });

  afterEach(() => {
    Notification.dismiss();
  });

  const answer = async (key: string): Promise<string | null> => {
    const button = await until('the question', () =>
      document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-warn')
    );
    const { textContent } = find('.jp-Dialog-body');
    press(button, key);
    return textContent;
  };

  it('describe their arguments', async () => {
    for (const id of commands.listCommands()) {
      expect(await commands.describedBy(id)).toMatchObject({ args: { type: 'object' } });
      expect(commands.label(id)).toBeTruthy();
    }
  });

  it.each([
    [CommandIDs.cancelRun, 'cancel', '380 calls have not ended'],
    [CommandIDs.removeRun, 'remove', '120 results are deleted with all files of the run (1.2 MB)']
  ] as const)('ask before they change: %s', async (command, method, words) => {
    runs.entries = [runEntry()];
    for (const [key, calls] of [
      ['Escape', 0],
      ['Enter', 1]
    ] as const) {
      const done = commands.execute(command, { name: 'fit' });
      expect(await answer(key)).toContain(words);
      await done;
      expect(runs[method]).toHaveBeenCalledTimes(calls);
    }
  });

  it('run again what failed', async () => {
    const failed = runEntry({ name: 'b', progress: { erred: 2 } });
    runs.entries = [runEntry({ name: 'a' }), failed];
    await commands.execute(CommandIDs.runAgain, {});
    expect(runs.again.mock.calls).toEqual([['b']]);
  });

  it('do not cancel what has ended', async () => {
    runs.entries = [runEntry({ progress: { done: 500, running: 0 } })];
    await commands.execute(CommandIDs.cancelRun, { name: 'fit' });
    expect(runs.refresh).toHaveBeenCalledTimes(1);
    expect(Notification.manager.notifications[0]?.message).toBe('No run is available for this.');
  });

  it('let the user choose among several', async () => {
    runs.entries = ['a', 'b'].map(name => runEntry({ name, progress: { erred: 1 } }));
    const done = commands.execute(CommandIDs.runAgain, {});
    const select = await until('the choice', () =>
      document.querySelector<HTMLSelectElement>('.jp-Dialog select')
    );
    select.value = 'b';
    press(select, 'Enter');
    await done;
    expect(runs.again.mock.calls).toEqual([['b']]);
  });

  describe('the log', () => {
    const words = 'ZeroDivisionError: division by zero';
    const part = (text: string): LogPart => ({ text }) as LogPart;
    const log = (): Promise<HTMLElement> =>
      until('the log', () => document.querySelector<HTMLElement>('.jp-Dialog .jp-AfLab-log'));
    const close = async (done: Promise<unknown>): Promise<void> => {
      press(find('.jp-Dialog .jp-mod-accept'), 'Escape');
      await done;
    };

    beforeEach(() => {
      runs.entries = [runEntry()];
    });

    it('is that of the first task that failed, or of another one', async () => {
      runs.tasks.mockResolvedValue([
        { task: '0.17', calls: 2, words },
        { task: '0.18', calls: 1, words: 'cancelled' }
      ]);
      runs.log.mockImplementation((_, task) => Promise.resolve(part(`of ${task}`)));
      const done = commands.execute(CommandIDs.showRunLog, { name: 'fit' });
      expect((await log()).textContent).toBe('of 0.17');
      const select = document.querySelector<HTMLSelectElement>('.jp-Dialog select.jp-AfLab-task');
      expect([...(select?.options ?? [])].map(({ text }) => text)).toEqual([
        `0.17, 2 calls: ${words}`,
        '0.18, 1 call: cancelled'
      ]);
      if (select) {
        select.value = '0.18';
        select.dispatchEvent(new Event('change', { bubbles: true }));
      }
      await until('the other log', () =>
        find('.jp-AfLab-runLogView').textContent.includes('of 0.18')
      );
      expect(find('.jp-AfLab-runLogView .jp-AfLab-reason').textContent).toBe('cancelled');
      await close(done);
    });

    it('says that nothing failed', async () => {
      const done = commands.execute(CommandIDs.showRunLog, { name: 'fit' });
      const view = await until('the words', () =>
        document.querySelector('.jp-AfLab-runLogView p:not(.jp-AfLab-asking)')
      );
      expect(view.textContent).toBe('No task of this run has failed or was cancelled.');
      await close(done);
    });

    it('says why it cannot be read', async () => {
      runs.tasks.mockResolvedValue([{ task: '0.17', calls: 2, words }]);
      runs.log.mockRejectedValue(new ApiError('It has no log.'));
      const done = commands.execute(CommandIDs.showRunLog, { name: 'fit' });
      const trouble = await until('the trouble', () =>
        document.querySelector('.jp-Dialog .jp-AfLab-trouble')
      );
      expect(trouble.textContent).toContain('It has no log.');
      await close(done);
    });
  });
});
