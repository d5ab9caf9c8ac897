import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ApiError } from '../../src/api';
import { ClustersSection } from '../../src/clusters/section';
import {
  entry,
  explanation,
  fakeActions,
  find,
  findField,
  press,
  SetClusters,
  SetDashboards,
  settle,
  type,
  until
} from '../support';

describe('a cluster’s card', () => {
  let clusters: SetClusters;
  let dashboards: SetDashboards;
  let section: ClustersSection;
  const actions = fakeActions();

  beforeEach(() => {
    jest.clearAllMocks();
    clusters = new SetClusters();
    dashboards = new SetDashboards();
    const trans = nullTranslator.load('af_lab');
    section = new ClustersSection({
      clusters,
      dashboards,
      actions,
      hadClusters: () => true,
      trans
    });
    Widget.attach(section, document.body);
  });

  afterEach(() => {
    section.dispose();
  });

  const show = (...entries: ReturnType<typeof entry>[]): Promise<HTMLElement> => {
    clusters.set({ entries });
    const last = entries.at(-1);
    return until('the card', () =>
      document.querySelector<HTMLElement>(
        `.jp-AfLab-card[data-cluster="${last?.cluster.name}"][data-state="${last?.state}"]`
      )
    );
  };

  const dimuon = entry({
    workers: 20,
    cpu: 0.74,
    counts: { requested: 20, starting: 3, connected: 12, waiting: 5 }
  });

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

  it('names the cluster on every control', async () => {
    const card = await show(dimuon);
    const controls = [...card.querySelectorAll('button, input')];
    expect(controls).toHaveLength(10);
    for (const control of controls) {
      expect(control.getAttribute('aria-label')).toContain('dimuon');
    }
  });

  it('steps by button', async () => {
    const card = await show(dimuon);
    find('.jp-AfLab-more', card).click();
    find('.jp-AfLab-fewer', card).click();
    expect(actions.change.mock.calls).toEqual([
      ['dimuon', { workers: 21 }],
      ['dimuon', { workers: 19 }]
    ]);
  });

  it('does not step below zero', async () => {
    const card = await show(entry({ workers: 0 }));
    const fewer = find('.jp-AfLab-fewer', card);
    expect(fewer.getAttribute('aria-disabled')).toBe('true');
    fewer.click();
    press(find('input', card), 'PageDown');
    expect(actions.change).not.toHaveBeenCalled();
  });

  it('steps down to zero at most', async () => {
    const card = await show(entry({ workers: 5 }));
    press(find('input', card), 'PageDown');
    expect(actions.change.mock.calls).toEqual([['dimuon', { workers: 0 }]]);
  });

  it('steps by key', async () => {
    const field = find('input', await show(dimuon));
    for (const key of ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown']) {
      press(field, key);
    }
    expect(actions.change.mock.calls.map(([, change]) => change)).toEqual(
      [21, 19, 30, 10].map(workers => ({ workers }))
    );
  });

  it('takes a typed number on Enter, not before', async () => {
    const field = findField('input', await show(dimuon));
    type(field, '1');
    type(field, '150x');
    expect(field.value).toBe('150');
    expect(actions.change).not.toHaveBeenCalled();
    press(field, 'Enter');
    expect(actions.change.mock.calls).toEqual([['dimuon', { workers: 150 }]]);
  });

  it('takes a typed number on leaving, and none after Escape', async () => {
    const field = findField('input', await show(dimuon));
    type(field, '7');
    press(field, 'Escape');
    await settle();
    field.blur();
    expect(field.value).toBe('20');
    expect(actions.change).not.toHaveBeenCalled();
    type(field, '7');
    field.blur();
    expect(actions.change.mock.calls).toEqual([['dimuon', { workers: 7 }]]);
  });

  it('lets the cluster scale itself, and no longer', async () => {
    find('[type=checkbox]', await show(dimuon)).click();
    expect(actions.change).toHaveBeenLastCalledWith('dimuon', {
      adapt: { minimum: 0, maximum: 20 }
    });
    const adapting = entry({ workers: null, adapt: { minimum: 1, maximum: 9 } }, { wanted: 4 });
    const card = await show(adapting);
    await until('the range', () => card.querySelector('.jp-AfLab-maximum'));
    press(find('.jp-AfLab-minimum', card), 'PageUp');
    expect(actions.change).toHaveBeenLastCalledWith('dimuon', {
      adapt: { minimum: 11, maximum: 11 }
    });
    type(findField('.jp-AfLab-maximum', card), '50');
    press(find('.jp-AfLab-maximum', card), 'Enter');
    expect(actions.change).toHaveBeenLastCalledWith('dimuon', {
      adapt: { minimum: 1, maximum: 50 }
    });
    find('[type=checkbox]', card).click();
    expect(actions.change).toHaveBeenLastCalledWith('dimuon', { workers: 4 });
  });

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

  it('is dragged by its name', async () => {
    const name = find('.jp-AfLab-name', await show(dimuon));
    const point = (kind: string, clientX: number, buttons: number): void => {
      const event = new MouseEvent(kind, { bubbles: true, clientX, clientY: 7, buttons });
      name.dispatchEvent(event);
    };
    point('pointerdown', 10, 1);
    point('pointermove', 12, 1);
    expect(actions.startDrag).not.toHaveBeenCalled();
    point('pointermove', 30, 1);
    point('pointermove', 40, 1);
    expect(actions.startDrag.mock.calls).toEqual([['dimuon', { clientX: 30, clientY: 7 }]]);
  });

  it('is dragged also when the pointer is quick, by the first button, and once', async () => {
    const name = find('.jp-AfLab-name', await show(dimuon));
    const point = (type: string, clientX: number, button = 0): PointerEvent =>
      new MouseEvent(type, { bubbles: true, button, buttons: 1, clientX }) as PointerEvent;
    name.dispatchEvent(point('pointerdown', 0, 2));
    document.body.dispatchEvent(point('pointermove', 60));
    name.dispatchEvent(point('pointerdown', 0));
    document.body.dispatchEvent(point('pointerup', 0));
    document.body.dispatchEvent(point('pointermove', 60));
    expect(actions.startDrag).not.toHaveBeenCalled();
    name.dispatchEvent(point('pointerdown', 0));
    document.body.dispatchEvent(point('pointermove', 60));
    document.body.dispatchEvent(point('pointermove', 90));
    expect(actions.startDrag).toHaveBeenCalledTimes(1);
  });

  it('names the toggle by what stands beside it', async () => {
    const toggle = find('.jp-AfLab-adaptive', await show(dimuon));
    expect(find('input', toggle).getAttribute('aria-label')).toContain(toggle.textContent);
  });

  it('shows plots and details', async () => {
    const card = await show(dimuon);
    find('.jp-AfLab-showPlots', card).click();
    expect(actions.showPlots).toHaveBeenCalledWith('dimuon');
    find('.jp-AfLab-showDetails', card).click();
    expect(actions.showDetails).toHaveBeenCalledWith('dimuon');
  });

  it('inserts code and stops', async () => {
    const card = await show(dimuon);
    find('.jp-AfLab-insert', card).click();
    expect(actions.insertCode).toHaveBeenCalledWith('dimuon');
    find('.jp-AfLab-stop', card).click();
    expect(actions.stop).toHaveBeenCalledWith('dimuon');
  });

  it('says why a cluster failed, and lets go of it', async () => {
    const card = await show(entry({ state: 'failed', reason: 'Install `distributed` there.' }));
    expect(find('.jp-AfLab-reason', card).textContent).toBe('Install distributed there.');
    expect(find('.jp-AfLab-reason code', card).textContent).toBe('distributed');
    expect(card.querySelector('.jp-AfLab-stepper, [role=progressbar]')).toBeNull();
    find('.jp-AfLab-remove', card).click();
    expect(actions.stop).toHaveBeenCalledWith('dimuon');
  });

  it.each([
    ['held', 'on hold', '.jp-AfLab-stop'],
    ['failed', 'failed', '.jp-AfLab-remove'],
    ['ended', 'ended', '.jp-AfLab-remove']
  ] as const)('starts a cluster again that is %s', async (state, word, end) => {
    const card = await show(entry({ state, reason: 'Put on hold by hand.' }));
    expect(find('.jp-AfLab-state', card).textContent).toBe(word);
    expect(find('.jp-AfLab-reason', card).textContent).toBe('Put on hold by hand.');
    expect(card.querySelector('.jp-AfLab-stepper, [role=progressbar]')).toBeNull();
    find('.jp-AfLab-startAgain', card).click();
    expect(actions.startAgain).toHaveBeenCalledWith('dimuon');
    find(end, card).click();
    expect(actions.stop).toHaveBeenCalledWith('dimuon');
  });

  it.each(['pending', 'running', 'stopping'] as const)(
    'offers no second start of a cluster that is %s',
    async state => {
      const card = await show(entry({ state }));
      expect(card.querySelector('.jp-AfLab-startAgain')).toBeNull();
    }
  );

  it('opens its menus below their buttons', async () => {
    const card = await show(dimuon);
    const more = find('.jp-AfLab-openMenu', card);
    more.click();
    expect(actions.openMenu).toHaveBeenCalledWith('dimuon', more);
    const choose = find('.jp-AfLab-openChoices', card);
    choose.click();
    expect(actions.openChoices).toHaveBeenCalledWith('dimuon', choose);
    expect(card.querySelector('.jp-AfLab-askForWhatFits')).toBeNull();
  });

  it('asks for what fits if no slot can ever run its jobs', async () => {
    const card = await show({ ...dimuon, why: explanation() });
    find('.jp-AfLab-askForWhatFits', card).click();
    expect(actions.askForWhatFits).toHaveBeenCalledWith('dimuon');
  });

  it('offers nothing while the cluster stops', async () => {
    const card = await show(entry({}, { state: 'stopping' }));
    expect(card.querySelectorAll('button, input')).toHaveLength(0);
  });

  it('says why a change did not happen', async () => {
    const card = await show(entry({}, { problem: new ApiError('Too many: at most 10.') }));
    expect(find('.jp-AfLab-problem', card).textContent).toBe('Too many: at most 10.');
  });

  it('leaves the focus in the list when it goes, or its buttons do', async () => {
    const card = await show(dimuon);
    find('.jp-AfLab-stop', card).focus();
    await show(entry({}, { state: 'stopping' }));
    expect(document.activeElement).toBe(find('.jp-AfLab-list'));
    find('.jp-AfLab-stop', await show(dimuon)).focus();
    clusters.set({ entries: [] });
    await until('the card to go', () => !document.querySelector('.jp-AfLab-card'));
    expect(document.activeElement).toBe(find('.jp-AfLab-list'));
  });
});
