import { ApiError } from '../../src/api';
import type { IEntry } from '../../src/tokens';
import { entry, explanation, find, until } from '../support';
import { dimuon, ShownCards } from './cards';

describe('a cluster’s card', () => {
  let cards: ShownCards;
  let actions: ShownCards['actions'];
  let clusters: ShownCards['clusters'];
  let dashboards: ShownCards['dashboards'];

  beforeEach(() => {
    cards = new ShownCards();
    ({ actions, clusters, dashboards } = cards);
  });

  afterEach(() => {
    cards.dispose();
  });

  const show = (...entries: IEntry[]): Promise<HTMLElement> => cards.show(...entries);

  it('tells name, state and workers in words', async () => {
    const card = await show(dimuon);
    expect(find('.jp-AfLab-name', card).textContent).toBe('dimuon');
    expect(find('.jp-AfLab-state', card).textContent).toBe('running');
    expect(find('.jp-AfLab-tally', card).textContent).toBe('12 of 20');
    expect(find('.jp-AfLab-work', card).textContent).toBe('3 starting, 5 waiting');
    const bar = find('[role=progressbar]', card);
    expect(bar.getAttribute('aria-valuenow')).toBe('12');
    expect(bar.getAttribute('aria-valuetext')).toContain('12 of 20 workers connected');
    const widths = Array.from(
      bar.querySelectorAll<HTMLElement>('[data-part]'),
      part => part.style.width
    );
    expect(widths).toEqual(['60%', '15%', '25%', '0%', '0%']);
  });

  it('tells how far the tasks are, in a place that it keeps', async () => {
    const idle = await show(entry({ counts: { connected: 12 }, activity: 'idle' }));
    expect(find('.jp-AfLab-oneLine', idle).textContent).toBe('No tasks');
    expect(find('.jp-AfLab-activity', idle).textContent).toBe('idle');
    const progress = {
      done: 400,
      total: 1000,
      running: 12,
      erred: 50,
      rate: 31,
      remaining: 18
    };
    const shown = { counts: { connected: 12 }, cpu: 0.05, memory_use: 0.35, progress };
    const card = await show(entry({ ...shown, activity: 'waiting', doing: 'preprocessing' }));
    await until('the tasks', () => card.querySelector('.jp-AfLab-failures'));
    expect(find('.jp-AfLab-oneLine', card).textContent).toBe(
      '400 of 1\u202f000 tasks · 50 failed · 20 s left · 31/s'
    );
    expect(find('.jp-AfLab-activity', card).textContent).toBe(
      'preprocessing, waiting for files · CPU 5 % · memory 35 %'
    );
    const bar = find('.jp-AfLab-tasks [role=progressbar]', card);
    expect(bar.getAttribute('aria-label')).toBe('Tasks of dimuon');
    expect(bar.getAttribute('aria-valuetext')).toMatch(
      /^preprocessing, waiting for files: 400 of /
    );
    const widths = Array.from(bar.children, part => (part as HTMLElement).style.width);
    expect(widths).toEqual(['40%', '5%', '1.2%']);
    expect(bar.children[1]?.getAttribute('data-part')).toBe('erred');
  });

  it.each(['pending', 'held', 'failed', 'stopping', 'ended'] as const)(
    'has no place for tasks of a cluster that is %s',
    async state => {
      const card = await show(entry({ state }));
      expect(card.querySelector('.jp-AfLab-tasks')).toBeNull();
    }
  );

  it('says why workers wait, and shows more on a click', async () => {
    const why = explanation({
      cause: 'busy',
      summary: '3 slots match, all busy',
      reasons: ['Others come first.']
    });
    const card = await show(entry({ counts: { waiting: 5 } }, { why }));
    const button = find('.jp-AfLab-why', card);
    expect(button.textContent).toContain('3 slots match, all busy');
    expect(button.title).toContain('Others come first.');
    button.click();
    expect(actions.showDetails).toHaveBeenCalledWith('dimuon');
  });

  const failing = { jobs: 3, job: '7.2', words: 'No such option', next_try: null };

  it.each([
    ['does not answer', entry({ reason: 'The Dask scheduler did not answer just now.' })],
    ['jobs fail', entry({ failing, counts: { connected: 1, waiting: 1 } })],
    ['jobs on hold', entry({ counts: { connected: 2, held: 1 } })],
    ['jobs match no slot', entry({ counts: { waiting: 2 } }, { why: explanation() })],
    ['jobs match no slot', entry({ state: 'pending' }, { why: explanation() })],
    ['workers lost', entry({ counts: { connected: 1, lost: 1 } })]
  ])('is not simply running when its %s', async (words, shown) => {
    const card = await show(shown);
    expect(find('.jp-AfLab-state', card).textContent).toBe(words);
    expect(card.dataset.concern).toBeTruthy();
  });

  it.each([
    ['running', entry({ counts: { waiting: 2 } }, { why: explanation({ cause: 'busy' }) })],
    ['stopping', entry({ failing, counts: { held: 1 } }, { state: 'stopping' })],
    ['failed', entry({ failing, state: 'failed', reason: 'Held.' })]
  ])('is %s when nothing keeps it from its workers for good', async (words, shown) => {
    const card = await show(shown);
    expect(find('.jp-AfLab-state', card).textContent).toBe(words);
    expect(card.dataset.concern).toBeUndefined();
  });

  it('says why jobs fail, in their last words', async () => {
    const text =
      "ended (exit code 2); another takes its place. Its log says: Error: No such option '--no-such-option'.";
    const when = new Date().toISOString();
    const troubles = [{ when, worker: '7.4', text, count: 100 }];
    const card = await show(entry({ troubles }));
    expect(find('.jp-AfLab-note', card).textContent).toBe(
      `just now: job 7.4 (the last of 100) ${text}`
    );
  });

  it('says when it is going to end, and what went wrong', async () => {
    const ends_at = new Date(Date.now() + 11.5 * 60_000).toISOString();
    const when = new Date(Date.now() - 60_000).toISOString();
    const troubles = [{ when, worker: '7.0', text: 'was run again with 4 GB', count: 1 }];
    const card = await show(entry({ ends_at, troubles }));
    expect([...card.querySelectorAll('.jp-AfLab-note')].map(note => note.textContent)).toEqual([
      'Ends in 12 min, unless it gets work.',
      '1 min ago: job 7.0 was run again with 4 GB'
    ]);
  });

  it('draws how it went', async () => {
    const when = Date.now();
    const history = [
      { when: when - 60_000, connected: 2, wanted: 12, cpu: null },
      { when, connected: 12, wanted: 12, cpu: 0.74 }
    ];
    const card = await show(entry({}, { history }));
    expect(find('.jp-AfLab-spark', card).getAttribute('aria-label')).toBe(
      'In the last 1 min: 2 to 12 workers, 12 now, CPU 74 %'
    );
  });

  it('goes on to now, and back to the time before the page was open', async () => {
    const history = [{ when: Date.now() - 240_000, connected: 2, wanted: 2, cpu: null }];
    const card = await show(entry({}, { history }));
    expect(find('.jp-AfLab-spark', card).getAttribute('aria-label')).toBe(
      'In the last 4 min: 2 workers all the time'
    );
    await until('the question', () => clusters.recall.mock.calls.length > 0);
    expect(clusters.recall.mock.calls).toEqual([['dimuon']]);
  });

  it('is marked when its plots are shown', async () => {
    const card = await show(dimuon);
    expect(card.getAttribute('aria-current')).toBe('false');
    dashboards.set({ source: { kind: 'cluster', name: 'dimuon' } });
    await until('the mark', () => card.getAttribute('aria-current') === 'true');
  });

  it('says why a cluster failed, and lets go of it', async () => {
    const card = await show(entry({ state: 'failed', reason: 'Install `distributed` there.' }));
    expect(find('.jp-AfLab-reason', card).textContent).toBe('Install distributed there.');
    expect(find('.jp-AfLab-reason code', card).textContent).toBe('distributed');
    expect(card.querySelector('.jp-AfLab-stepper, [role=progressbar]')).toBeNull();
    find('.jp-AfLab-remove', card).click();
    expect(actions.stop).toHaveBeenCalledWith('dimuon');
  });

  it('says why a change did not happen', async () => {
    const card = await show(entry({}, { problem: new ApiError('Too many: at most 10.') }));
    expect(find('.jp-AfLab-problem', card).textContent).toBe('Too many: at most 10.');
  });
});
