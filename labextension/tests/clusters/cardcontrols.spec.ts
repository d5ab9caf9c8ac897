import type { IEntry } from '../../src/tokens';
import { entry, explanation, find, findField, press, settle, type, until } from '../support';
import { dimuon, ShownCards } from './cards';

describe('a cluster’s card', () => {
  let cards: ShownCards;
  let actions: ShownCards['actions'];
  let clusters: ShownCards['clusters'];

  beforeEach(() => {
    cards = new ShownCards();
    ({ actions, clusters } = cards);
  });

  afterEach(() => {
    cards.dispose();
  });

  const show = (...entries: IEntry[]): Promise<HTMLElement> => cards.show(...entries);

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
