import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ApiError } from '../../src/api';
import { RunsSection } from '../../src/runs/section';
import type { IRunEntry } from '../../src/tokens';
import { fakeActions, find, runEntry, SetRuns, until } from '../support';

describe('the list of runs', () => {
  let runs: SetRuns;
  let section: RunsSection;
  const actions = fakeActions();

  beforeEach(() => {
    jest.clearAllMocks();
    runs = new SetRuns();
    section = new RunsSection({ runs, actions, trans: nullTranslator.load('af_lab') });
    Widget.attach(section, document.body);
  });

  afterEach(() => {
    section.dispose();
  });

  const show = async (entry: IRunEntry): Promise<HTMLElement> => {
    runs.set({ entries: [entry] });
    return until('the card', () => document.querySelector<HTMLElement>('[data-run=fit]'));
  };
  const buttons = (card: HTMLElement): (string | null)[] =>
    [...card.querySelectorAll('button')].map(button => button.getAttribute('aria-label'));

  it('says how runs are made as long as there is none', async () => {
    const hint = await until('the hint', () => document.querySelector('.jp-AfLab-hint'));
    expect(hint.textContent).toContain('af_lab.BatchExecutor');
  });

  it('shows how far a run is', async () => {
    const card = await show(runEntry({ progress: { erred: 2, rate: 3, remaining: 125 } }));
    const words = '120 of 500 calls done, 12 run, 366 wait, 2 failed, 3 min left, 3/s';
    const bar = find('[role=progressbar]', card);
    expect(bar.getAttribute('aria-label')).toBe('Calls of fit');
    expect(bar.getAttribute('aria-valuenow')).toBe('120');
    expect(bar.getAttribute('aria-valuemax')).toBe('500');
    expect(bar.getAttribute('aria-valuetext')).toBe(words);
    const line = find('.jp-AfLab-oneLine', card);
    expect(line.textContent).toBe('120 of 500 calls · 2 failed · 3 min left · 3/s');
    expect(find('.jp-AfLab-failures', line).textContent).toBe('2 failed');
    expect(find('[data-part=done]', card).style.width).toBe('24%');
    expect(find('.jp-AfLab-state', card).textContent).toBe('running');
    expect(find('.jp-AfLab-note', card).textContent).toMatch(/^Made .+ ago, 1.2 MB$/);
  });

  it('says why a run failed, or a change of it was refused', async () => {
    const card = await show(
      runEntry(
        { state: 'failed', reason: '3 of 500 calls failed: `KeyError`' },
        { problem: new ApiError('The disk is full.') }
      )
    );
    expect(find('.jp-AfLab-reason code', card).textContent).toBe('KeyError');
    expect(find('.jp-AfLab-problem', card).textContent).toBe('The disk is full.');
  });

  it.each([
    ['that runs', runEntry(), ['Log of fit', 'Cancel fit…', 'Remove fit…']],
    [
      'of which calls failed',
      runEntry({ progress: { erred: 1 } }),
      ['Log of fit', 'Run again what failed of fit', 'Cancel fit…', 'Remove fit…']
    ],
    [
      'that ended',
      runEntry({ state: 'ended', progress: { done: 500, running: 0 } }),
      ['Log of fit', 'Remove fit…']
    ],
    [
      'that is cancelled',
      runEntry({ progress: { erred: 1 } }, { change: 'cancel' }),
      ['Log of fit', 'Remove fit…']
    ],
    ['that is removed', runEntry({}, { change: 'remove' }), []]
  ])('offers what is possible for a run %s', async (_, entry, offered) => {
    expect(buttons(await show(entry))).toEqual(offered);
  });

  it('says what is being done', async () => {
    const card = await show(runEntry({}, { change: 'cancel' }));
    expect(card.dataset.state).toBe('stopping');
    expect(find('.jp-AfLab-state', card).textContent).toBe('cancelling');
  });

  it('does what is clicked', async () => {
    const card = await show(runEntry({ progress: { erred: 1 } }));
    card.querySelectorAll('button').forEach(button => {
      button.click();
    });
    for (const action of ['showRunLog', 'runAgain', 'cancelRun', 'removeRun'] as const) {
      expect(actions[action].mock.calls).toEqual([['fit']]);
    }
  });

  describe('with many runs', () => {
    const names = ['a1', 'a2', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6'];

    beforeEach(async () => {
      runs.set({
        entries: names.map(name =>
          name === 'b1'
            ? runEntry({ name, state: 'failed', reason: 'a call failed' })
            : runEntry({ name })
        )
      });
      await until('the cards', () => document.querySelector('[data-run=b6]'));
    });

    const shown = (): (string | undefined)[] =>
      [...document.querySelectorAll<HTMLElement>('[data-run]')].map(card => card.dataset.run);

    it('draws compact cards that can be opened', async () => {
      const card = find('[data-run=a1]');
      expect(card.dataset.compact).toBe('true');
      expect(buttons(card)).toEqual(['Controls of a1']);
      expect(find('[role=progressbar]', card).getAttribute('aria-valuenow')).toBe('120');
      expect(find('.jp-AfLab-reason', find('[data-run=b1]')).textContent).toBe('a call failed');
      find('.jp-AfLab-fold', card).click();
      await until('the buttons', () => document.querySelector('[data-run=a1] .jp-AfLab-runLog'));
      expect(find('.jp-AfLab-fold', card).getAttribute('aria-expanded')).toBe('true');
      expect(find('[data-run=a2]').dataset.compact).toBe('true');
    });

    it.each([
      ['A2', ['a2'], '1 of 8 runs'],
      ['failed', ['b1'], '1 of 8 runs'],
      [' running  b', ['b2', 'b3', 'b4', 'b5', 'b6'], '5 of 8 runs']
    ])('filters them by the words %j', async (words, found, told) => {
      const field = find('input[type=search]') as HTMLInputElement;
      expect(field.getAttribute('aria-label')).toBe('Filter the runs by name or state');
      // As React sees what is typed.
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, words);
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await until('the filter', () => shown().length === found.length || null);
      expect(shown()).toEqual(found);
      expect(find('[role=status]').textContent).toBe(told);
    });
  });
});
