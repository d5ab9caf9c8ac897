import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ServerAway } from '../../src/api';
import { ExamplesSection } from '../../src/examples/section';
import { example, find, findField, SetFacility, type, until } from '../support';

describe('ExamplesSection', () => {
  let facility: SetFacility;
  let section: ExamplesSection;
  const open = jest.fn<unknown, [string]>();

  beforeEach(() => {
    open.mockClear();
    facility = new SetFacility();
    section = new ExamplesSection({ facility, open, trans: nullTranslator.load('af_lab') });
  });

  afterEach(() => {
    section.dispose();
  });

  const show = async (): Promise<void> => {
    Widget.attach(section, document.body);
    facility.set({
      examples: [
        example(),
        example({
          id: 'adl-rdf',
          title: 'ADL benchmarks',
          description: 'Eight queries.',
          framework: 'RDataFrame',
          topics: ['Columns', 'Combinations'],
          missing: ['ROOT'],
          remedy: 'Run `pip install ROOT`.',
          thumbnail: null
        })
      ]
    });
    await until('the examples', () => shown().length === 2);
  };

  const shown = (): (string | undefined)[] =>
    [...section.node.querySelectorAll<HTMLElement>('.jp-AfLab-example')].map(
      node => node.dataset.example
    );

  it('asks when it is first seen', () => {
    section.hide();
    Widget.attach(section, document.body);
    expect(facility.loadExamples).not.toHaveBeenCalled();
    section.show();
    expect(facility.loadExamples).toHaveBeenCalledTimes(1);
    facility.examples = [];
    section.hide();
    section.show();
    expect(facility.loadExamples).toHaveBeenCalledTimes(1);
  });

  it('shows what each takes, and opens it', async () => {
    await show();
    const [first, second] = section.node.querySelectorAll<HTMLElement>('.jp-AfLab-example');
    expect(find('img', first).getAttribute('alt')).toBe('Result of Dimuon spectrum');
    expect(first?.textContent).toContain('2 min');
    expect(first?.textContent).toContain('Takes 2 cores. Data: 1,000,000 generated events.');
    expect(second?.querySelector('img')).toBeNull();
    expect(find('.jp-AfLab-missing', second).textContent).toBe(
      'Your default kernel lacks ROOT. Run pip install ROOT.'
    );
    const button = find('.jp-AfLab-open', second);
    expect(button.getAttribute('aria-label')).toBe('Open ADL benchmarks (RDataFrame)');
    button.click();
    expect(open).toHaveBeenCalledWith('adl-rdf');
  });

  it('does without a picture that is broken', async () => {
    await show();
    find('img', section.node).dispatchEvent(new Event('error'));
    await until('its end', () => !section.node.querySelector('img'));
  });

  it('filters by words, framework and topic', async () => {
    await show();
    type(findField('[type=search]', section.node), 'eight adl');
    await until('one', () => shown().join() === 'adl-rdf');
    const [all, coffea] = section.node.querySelectorAll<HTMLElement>('.jp-AfLab-toggle');
    coffea?.click();
    await until('none', () => section.node.textContent.includes('No example matches.'));
    expect(coffea?.getAttribute('aria-pressed')).toBe('true');
    type(findField('[type=search]', section.node), '');
    await until('the other', () => shown().join() === 'dimuon-spectrum-coffea');
    all?.click();
    await until('both', () => shown().length === 2);
    const topic = find('select', section.node) as HTMLSelectElement;
    expect([...topic.options].map(({ text }) => text)).toEqual([
      'All topics',
      'First steps',
      'Columns',
      'Combinations'
    ]);
    topic.value = 'Combinations';
    topic.dispatchEvent(new Event('change', { bubbles: true }));
    await until('the one on combinations', () => shown().join() === 'adl-rdf');
  });

  it('says why there are none, and asks again', async () => {
    Widget.attach(section, document.body);
    facility.set({ examplesTrouble: new ServerAway('away') });
    await until('the reason', () =>
      section.node.textContent.includes('The server does not answer')
    );
    // It does not ask by itself.
    expect(section.node.textContent).not.toContain('until it does');
    find('.jp-AfLab-again', section.node).click();
    expect(facility.loadExamples).toHaveBeenCalledTimes(2);
  });
});
