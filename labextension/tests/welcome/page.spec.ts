import { nullTranslator } from '@jupyterlab/translation';
import { StateDB } from '@jupyterlab/statedb';
import { Widget } from '@lumino/widgets';

import { isFirstStart } from '../../src/welcome/firststart';
import { firstAnalysis, type IWelcomeActions } from '../../src/welcome/page';
import { createWelcome } from '../../src/welcome/widget';
import { example, find, SetFacility, until } from '../support';

const first = example({ id: 'first-cluster', framework: 'Dask', thumbnail: null });
const dimuon = example();

describe('the welcome page', () => {
  let facility: SetFacility;
  let widget: ReturnType<typeof createWelcome>;
  const actions: jest.Mocked<IWelcomeActions> = {
    openExample: jest.fn(),
    showExamples: jest.fn(),
    createCluster: jest.fn(),
    showClusters: jest.fn(),
    openNotebook: jest.fn(),
    copy: jest.fn()
  };

  beforeEach(async () => {
    jest.clearAllMocks();
    facility = new SetFacility();
    widget = createWelcome({ actions, facility, trans: nullTranslator.load('af_lab') });
    Widget.attach(widget, document.body);
    await until('the page', () => widget.node.querySelectorAll('.jp-AfLab-way').length === 3);
  });

  afterEach(() => {
    widget.dispose();
  });

  const press = (label: string): void => {
    const buttons = [...widget.node.querySelectorAll('button')];
    buttons.find(({ textContent }) => textContent === label)?.click();
  };

  it('leads three ways on', () => {
    press('All examples');
    press('New cluster…');
    press('Your clusters');
    press('New notebook');
    expect(actions.showExamples).toHaveBeenCalledTimes(1);
    expect(actions.createCluster).toHaveBeenCalledTimes(1);
    expect(actions.showClusters).toHaveBeenCalledTimes(1);
    expect(actions.openNotebook).toHaveBeenCalledWith(
      expect.stringContaining('cluster = af_lab.cluster(workers=2)')
    );
  });

  it('asks which analysis until it knows the examples, and then opens the first', async () => {
    expect(facility.loadExamples).toHaveBeenCalledTimes(1);
    press('Open the analysis');
    expect(actions.openExample).toHaveBeenCalledWith(null);
    facility.set({ examples: [first, dimuon] });
    await until('its picture', () => widget.node.querySelector('img'));
    expect(find('img', widget.node).getAttribute('alt')).toBe('Result of Dimuon spectrum');
    expect(widget.node.textContent).toContain('It takes about 2 min.');
    press('Open the analysis');
    expect(actions.openExample).toHaveBeenLastCalledWith('dimuon-spectrum-coffea');
  });

  it('says that the code is copied', async () => {
    press('Copy the code');
    expect(actions.copy).toHaveBeenCalledTimes(1);
    await until('the word', () => find('[role=status]', widget.node).textContent === 'Copied.');
  });
});

describe('firstAnalysis', () => {
  it('is the first with data that the kernel can run', () => {
    const lacking = example({ id: 'lacking', missing: ['ROOT'] });
    expect(firstAnalysis([first, lacking, dimuon])).toBe(dimuon);
    expect(firstAnalysis([first, lacking])).toBe(lacking);
    expect(firstAnalysis([first])).toBeNull();
  });
});

describe('isFirstStart', () => {
  it('is true once', async () => {
    const state = new StateDB();
    expect(await isFirstStart(state)).toBe(true);
    expect(await isFirstStart(state)).toBe(false);
  });
});
