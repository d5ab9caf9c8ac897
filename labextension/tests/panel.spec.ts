import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ApiError, CondorUnavailable, ExtensionMissing, ServerAway } from '../src/api';
import { AnalysisFacilityPanel } from '../src/panel/panel';
import { entry, find, findField, press, SetClusters, settle, type, until } from './support';

describe('AnalysisFacilityPanel', () => {
  let clusters: SetClusters;
  let panel: AnalysisFacilityPanel;
  const actions = {
    create: jest.fn<unknown, []>(),
    insertCode: jest.fn<unknown, [string]>(),
    scale: jest.fn<unknown, [string, number]>(),
    stop: jest.fn<unknown, [string]>()
  };

  beforeEach(() => {
    jest.clearAllMocks();
    clusters = new SetClusters();
    panel = new AnalysisFacilityPanel({ clusters, actions, translator: nullTranslator });
    Widget.attach(panel, document.body);
  });

  afterEach(() => {
    panel.dispose();
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

  it('watches while it can be seen', () => {
    expect(clusters.watchers).toBe(1);
    panel.hide();
    expect(clusters.watchers).toBe(0);
    panel.show();
    expect(clusters.watchers).toBe(1);
    Widget.detach(panel);
    expect(clusters.watchers).toBe(0);
  });

  it('invites to create a first cluster', async () => {
    const button = await until('the invitation', () =>
      document.querySelector<HTMLButtonElement>('.jp-AfLab-empty button')
    );
    button.click();
    expect(actions.create).toHaveBeenCalledTimes(1);
  });

  it('offers a new cluster at any time', async () => {
    const button = await until('the button', () =>
      document.querySelector<HTMLButtonElement>('button.jp-AfLab-new')
    );
    button.click();
    expect(actions.create).toHaveBeenCalledTimes(1);
  });

  it('does not say that there are none before it knows', async () => {
    clusters.set({ seen: null });
    await until('patience', () => document.querySelector('.jp-AfLab-waiting'));
    expect(document.querySelector('.jp-AfLab-empty')).toBeNull();
  });

  describe('a card', () => {
    const dimuon = entry({
      workers: 20,
      counts: { requested: 20, running: 15, connected: 12, idle: 5 }
    });

    it('tells name, state and workers in words', async () => {
      const card = await show(dimuon);
      expect(find('.jp-AfLab-name', card).textContent).toBe('dimuon');
      expect(find('.jp-AfLab-state', card).textContent).toBe('running');
      expect(find('.jp-AfLab-tally', card).textContent).toBe('12 of 20');
      expect(find('.jp-AfLab-absent', card).textContent).toBe('3 starting, 5 waiting');
      const bar = find('[role=progressbar]', card);
      expect(bar.getAttribute('aria-valuenow')).toBe('12');
      expect(bar.getAttribute('aria-valuetext')).toContain('12 of 20 workers connected');
      const widths = Array.from(
        bar.querySelectorAll<HTMLElement>('[data-part]'),
        part => part.style.width
      );
      expect(widths).toEqual(['60%', '15%', '25%', '0%', '0%']);
    });

    it('names the cluster on every control', async () => {
      const card = await show(dimuon);
      const controls = [...card.querySelectorAll('button, input')];
      expect(controls).toHaveLength(5);
      for (const control of controls) {
        expect(control.getAttribute('aria-label')).toContain('dimuon');
      }
    });

    it('steps by button', async () => {
      const card = await show(dimuon);
      find('.jp-AfLab-more', card).click();
      find('.jp-AfLab-fewer', card).click();
      expect(actions.scale.mock.calls).toEqual([
        ['dimuon', 21],
        ['dimuon', 19]
      ]);
    });

    it('does not step below zero', async () => {
      const card = await show(entry({ workers: 0 }));
      const fewer = find('.jp-AfLab-fewer', card);
      expect(fewer.getAttribute('aria-disabled')).toBe('true');
      fewer.click();
      press(find('input', card), 'PageDown');
      expect(actions.scale).not.toHaveBeenCalled();
    });

    it('steps down to zero at most', async () => {
      const card = await show(entry({ workers: 5 }));
      press(find('input', card), 'PageDown');
      expect(actions.scale.mock.calls).toEqual([['dimuon', 0]]);
    });

    it('steps by key', async () => {
      const field = find('input', await show(dimuon));
      for (const key of ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown']) {
        press(field, key);
      }
      expect(actions.scale.mock.calls.map(([, workers]) => workers)).toEqual([21, 19, 30, 10]);
    });

    it('takes a typed number on Enter, not before', async () => {
      const field = findField('input', await show(dimuon));
      type(field, '1');
      type(field, '150x');
      expect(field.value).toBe('150');
      expect(actions.scale).not.toHaveBeenCalled();
      press(field, 'Enter');
      expect(actions.scale.mock.calls).toEqual([['dimuon', 150]]);
    });

    it('takes a typed number on leaving, and none after Escape', async () => {
      const field = findField('input', await show(dimuon));
      type(field, '7');
      press(field, 'Escape');
      await settle();
      field.blur();
      expect(field.value).toBe('20');
      expect(actions.scale).not.toHaveBeenCalled();
      type(field, '7');
      field.blur();
      expect(actions.scale.mock.calls).toEqual([['dimuon', 7]]);
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

  describe('a notice', () => {
    const notice = (kind: string): Promise<HTMLElement> =>
      until('the notice', () =>
        document.querySelector<HTMLElement>(`.jp-AfLab-notice[data-trouble="${kind}"]`)
      );

    it('tells the three troubles apart', async () => {
      clusters.set({ trouble: new ExtensionMissing('Not Found') });
      expect((await notice('ExtensionMissing')).textContent).toContain('missing on the server');
      clusters.set({ trouble: new CondorUnavailable('No answer in 20 s.') });
      expect((await notice('CondorUnavailable')).textContent).toContain(
        'HTCondor does not answerNo answer in 20 s.'
      );
      clusters.set({ trouble: new ServerAway('x'), seen: Date.now() - 12_000 });
      expect((await notice('ServerAway')).textContent).toContain('Last seen 12 s ago.');
    });

    it('keeps what is known, as something old', async () => {
      clusters.set({ trouble: new ServerAway('x') });
      await show(entry());
      expect(find('.jp-AfLab-list').dataset.stale).toBe('true');
      clusters.set({ trouble: null });
      await until('the end of it', () => !document.querySelector('.jp-AfLab-notice'));
      expect(find('.jp-AfLab-list').dataset.stale).toBe('false');
    });

    it('does not say that there are no clusters when nobody knows', async () => {
      clusters.set({ trouble: new ServerAway('x'), seen: null });
      await notice('ServerAway');
      expect(document.querySelector('.jp-AfLab-empty')).toBeNull();
    });

    it('asks again at once', async () => {
      clusters.set({ trouble: new ServerAway('x') });
      find('.jp-AfLab-retry', await notice('ServerAway')).click();
      expect(clusters.refresh).toHaveBeenCalledTimes(1);
    });
  });
});
