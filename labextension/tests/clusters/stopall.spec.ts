import { ApiError } from '../../src/api';
import { CommandIDs } from '../../src/tokens';
import { entry, find, press, until } from '../support';
import { CommandsAlone } from './support';

describe('stop all', () => {
  let lab: CommandsAlone;
  let done: Promise<unknown>;

  beforeEach(() => {
    lab = new CommandsAlone();
    lab.clusters.entries = [
      entry({ name: 'a', id: 1, counts: { connected: 2 }, kept_results: 3, kept_bytes: 2e9 }),
      entry({ name: 'b', id: 2, state: 'held' }),
      entry({ name: 'c', id: 3, state: 'ended' }),
      entry({ name: 'd', id: 4 }, { state: 'stopping' })
    ];
  });

  afterEach(() => {
    lab.dispose();
  });

  const ask = async (): Promise<HTMLElement> => {
    done = lab.commands.execute(CommandIDs.stopAll);
    return until('the question', () => document.querySelector<HTMLElement>('.jp-AfLab-stopAll ul'));
  };
  const steps = (): string[] =>
    [...document.querySelectorAll<HTMLElement>('.jp-AfLab-stopAll li')].map(
      item => `${item.dataset.step}: ${item.textContent}`
    );

  it('names once what ends, and what is lost', async () => {
    await ask();
    expect(find('.jp-Dialog-header').textContent).toContain('Stop all 2 clusters?');
    expect(find('.jp-AfLab-stopAll p').textContent).toContain(
      'What 2 connected workers compute now is lost. The results in memory (2 GB) are lost too.'
    );
    expect(steps()).toEqual(['asked: a2 of 2 workers connected', 'asked: bon hold']);
    press(find('.jp-Dialog .jp-mod-warn'), 'Escape');
    await done;
    expect(lab.clusters.stop).not.toHaveBeenCalled();
  });

  it('stops them, and shows for each how far it is and what went wrong', async () => {
    await ask();
    let stopped = (): void => undefined;
    lab.clusters.stop.mockImplementation(name => {
      if (name === 'a') {
        return new Promise<void>(resolve => {
          stopped = resolve;
        });
      }
      const [a, b, ...others] = lab.clusters.entries;
      if (a && b) {
        lab.clusters.entries = [
          a,
          { ...b, problem: new ApiError('The queue is full.') },
          ...others
        ];
      }
      return Promise.resolve();
    });
    find('.jp-Dialog .jp-mod-warn').click();
    find('.jp-Dialog .jp-mod-warn').click();
    await until('a failure', () => document.querySelector('[data-step=failed]'));
    expect(steps()).toEqual(['stopping: astopping…', 'failed: bThe queue is full.']);
    stopped();
    const again = await until('the end', () =>
      document.querySelector<HTMLElement>('.jp-mod-warn[aria-label="Try again"]')
    );
    expect(lab.clusters.stop.mock.calls).toEqual([['a'], ['b']]);

    // What has stopped is not stopped again.
    lab.clusters.entries = [];
    again.click();
    await done;
    expect(lab.clusters.stop).toHaveBeenCalledTimes(2);
    expect(document.querySelector('.jp-AfLab-stopAll')).toBeNull();
  });

  it('says so when nothing runs', async () => {
    lab.clusters.entries = [entry({ state: 'ended' })];
    await lab.commands.execute(CommandIDs.stopAll);
    expect(lab.notified).toEqual(['No cluster is there that could be stopped.']);
  });
});
