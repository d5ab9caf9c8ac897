import { nullTranslator } from '@jupyterlab/translation';
import { PanelWithToolbar } from '@jupyterlab/ui-components';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { CondorUnavailable, ExtensionMissing, ServerAway } from '../../src/api';
import { AnalysisFacilityPanel } from '../../src/panel/panel';
import {
  entry,
  fakeActions,
  find,
  runEntry,
  SetClusters,
  SetDashboards,
  SetFacility,
  SetRuns,
  until
} from '../support';

describe('AnalysisFacilityPanel', () => {
  let clusters: SetClusters;
  let runs: SetRuns;
  let panel: AnalysisFacilityPanel;
  const actions = fakeActions();

  beforeEach(() => {
    jest.clearAllMocks();
    clusters = new SetClusters();
    runs = new SetRuns();
    const plots = new PanelWithToolbar();
    plots.title.label = 'Plots';
    panel = new AnalysisFacilityPanel({
      clusters,
      runs,
      facility: new SetFacility(),
      dashboards: new SetDashboards(),
      actions,
      hadClusters: () => true,
      plots,
      translator: nullTranslator
    });
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

  it('takes the focus when it is activated, but not from a part of it', async () => {
    MessageLoop.sendMessage(panel, Widget.Msg.ActivateRequest);
    expect(document.activeElement).toBe(panel.node);
    const button = await until('the button', () =>
      document.querySelector<HTMLButtonElement>('button.jp-AfLab-new')
    );
    button.focus();
    MessageLoop.sendMessage(panel, Widget.Msg.ActivateRequest);
    expect(document.activeElement).toBe(button);
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

  it('shows the pool at a glance, and its section on a click', async () => {
    const glance = await until('the glance', () =>
      document.querySelector<HTMLButtonElement>('.jp-AfLab-glance')
    );
    expect(glance.textContent).toBe('14/64 cores');
    expect(glance.getAttribute('aria-label')).toContain('14/64 cores');
    expect(glance.getAttribute('aria-label')).toContain('14 of 64 cores of the pool are free');
    panel.content.widgets[3]?.hide();
    glance.click();
    expect(panel.content.widgets[3]?.isHidden).toBe(false);
  });

  it('has its sections in order, and opens and leaves out each', () => {
    expect(panel.content.widgets.map(({ title }) => title.label)).toEqual([
      'Clusters',
      'Runs',
      'Plots',
      'Pool',
      'Examples'
    ]);
    expect(panel.content.widgets.map(({ isHidden }) => isHidden)).toEqual([
      false,
      true,
      true,
      false,
      false
    ]);
    panel.showSection('plots');
    expect(panel.content.widgets[2]?.isHidden).toBe(false);
    panel.leaveOut('clusters', true);
    expect(panel.content.widgets[0]?.isHidden).toBe(true);
    panel.leaveOut('clusters', false);
    expect(panel.content.widgets[0]?.isHidden).toBe(false);
  });

  it('opens the runs with the first run, and closes them with the last', () => {
    const isOpen = (): boolean => panel.content.widgets[1]?.isHidden === false;
    runs.set({ entries: [runEntry()] });
    expect(isOpen()).toBe(true);
    const [, title] = panel.node.querySelectorAll<HTMLElement>('.jp-AccordionPanel-title');
    title?.click();
    runs.set({ entries: [runEntry({ progress: { done: 130 } })] });
    expect(isOpen()).toBe(false);
    title?.click();
    runs.set({ entries: [] });
    expect(isOpen()).toBe(false);
  });

  it('does not open what the user closed when it is not left out', () => {
    const title = find('.jp-AccordionPanel-title', panel.node);
    title.click();
    expect(panel.content.widgets[0]?.isHidden).toBe(true);
    panel.leaveOut('clusters', false);
    expect(panel.content.widgets[0]?.isHidden).toBe(true);
    panel.leaveOut('clusters', true);
    panel.leaveOut('clusters', false);
    expect(panel.content.widgets[0]?.isHidden).toBe(true);
    expect(title.getAttribute('aria-expanded')).toBe('false');
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

    it.each([
      ['BindingsMissing', "HTCondor's Python bindings cannot be imported", 'Install them.'],
      ['CondorAbsent', 'HTCondor does not run here', 'Start a pool.'],
      ['CondorUnavailable', 'HTCondor does not answer', 'No answer in 20 s.']
    ])('has a headline of its own for %s', async (code, headline, text) => {
      clusters.set({ trouble: new CondorUnavailable(`${headline}: ${text}`, null, code) });
      const told = await notice('CondorUnavailable');
      expect(find('strong', told).textContent).toBe(headline);
      expect(find('p', told).textContent.trim()).toBe(text);
    });

    it('keeps what is known, as something old', async () => {
      clusters.set({ trouble: new ServerAway('x') });
      await show(entry());
      expect(find('.jp-AfLab-list > div').dataset.stale).toBe('true');
      clusters.set({ trouble: null });
      await until('the end of it', () => !document.querySelector('.jp-AfLab-notice'));
      // Notice and list are drawn one after the other.
      await until(
        'the list is as new',
        () => find('.jp-AfLab-list > div').dataset.stale === 'false'
      );
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
