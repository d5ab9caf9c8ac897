import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ExtensionMissing, ServerAway, type Share } from '../../src/api';
import { PoolSection } from '../../src/pool/section';
import { bySite, foremost, shareWords, siteDetails, standing } from '../../src/pool/words';
import { find, pool, root, SetClusters, SetFacility, until } from '../support';

const trans = nullTranslator.load('af_lab');

describe('the words of the pool', () => {
  const { parts, shares } = pool();

  it('adds up the architectures of a site, and puts the nameless last', () => {
    const [part] = parts;
    if (!part) {
      throw new Error('a part is missing');
    }
    const sites = bySite([...parts, { ...part, arch: 'aarch64' }], root().sites, trans);
    expect(sites.map(({ label }) => label)).toEqual(['Legnaro', 'Other slots']);
    expect(sites[0]).toMatchObject({
      architectures: ['aarch64', 'x86_64'],
      cores: 96,
      freeCores: 16,
      gpus: 4,
      freeGpus: 2
    });
  });

  it('calls the slots of a pool without sites by no name', () => {
    expect(bySite(parts.slice(1), [], trans).map(({ label }) => label)).toEqual(['All slots']);
  });

  it('tells the nameless slots from sites whose labels nobody told', () => {
    expect(bySite(parts, [], trans).map(({ label }) => label)).toEqual([
      'T2_IT_Legnaro',
      'Other slots'
    ]);
  });

  it('shows the user among many, wherever it stands', () => {
    const others = Array.from({ length: 12 }, (_, index) => ({
      owner: `user${index}`,
      priority: index,
      factor: 1,
      cores: 1,
      own: false
    }));
    const own = { owner: 'alice', priority: 99, factor: 1, cores: 1, own: true };
    const shown = foremost([...others, own], 3).map(({ owner }) => owner);
    expect(shown).toEqual(['user0', 'user1', 'alice']);
    expect(foremost(shares, 8)).toEqual(shares);
  });

  it('tells GPUs where there are some', () => {
    const [first, second] = bySite(parts, [], trans).map(site => siteDetails(site, trans));
    expect(first).toBe('x86_64, 1 of 2 GPUs free, 36 GB of memory free');
    expect(second).toBe('aarch64, 20 GB of memory free');
  });

  it('tells the user’s place', () => {
    const others: Share[] = [...shares].reverse();
    expect(standing(others, trans)).toContain('number 2 of 2');
    expect(standing(shares.slice(0, 1), trans)).toContain('No other user');
    expect(standing([], trans)).toContain('No other user');
    expect(standing(shares.slice(1), trans)).toContain('not used the pool yet');
    expect(shares.slice(0, 1).map(share => shareWords(share, trans))).toEqual([
      'alice: 12 cores, priority 500 (less is better)'
    ]);
  });
});

describe('PoolSection', () => {
  let clusters: SetClusters;
  let facility: SetFacility;
  let section: PoolSection;

  beforeEach(() => {
    clusters = new SetClusters();
    facility = new SetFacility();
    section = new PoolSection(facility, clusters, trans);
  });

  afterEach(() => {
    section.dispose();
  });

  const text = (wanted: string): Promise<unknown> =>
    until(`“${wanted}”`, () => section.node.textContent.includes(wanted));

  it('shows the sites under their labels, and who uses them', async () => {
    Widget.attach(section, document.body);
    await text('Legnaro8 of 48 cores free');
    expect(facility.about).toHaveBeenCalledTimes(1);
    const bar = find('.jp-AfLab-sites [role=img]', section.node);
    expect(bar.getAttribute('aria-label')).toBe('Legnaro: 8 of 48 cores free');
    expect(find('[data-own=true]', section.node).textContent).toBe('you12');
    facility.set({ pool: pool({ cores: 0, parts: [] }) });
    await text('The pool has no slots');
    expect(facility.about).toHaveBeenCalledTimes(1);
  });

  it('goes by names while nobody tells the labels', async () => {
    facility.about.mockRejectedValue(new ServerAway('away'));
    Widget.attach(section, document.body);
    await text('T2_IT_Legnaro');
  });

  it('does not say that it asks while the server cannot answer', async () => {
    facility.set({ pool: null });
    Widget.attach(section, document.body);
    await text('Querying the pool');
    clusters.set({ trouble: new ExtensionMissing('Not Found') });
    await text('The pool is not known: af_lab is missing on the server.');
    expect(section.node.textContent).not.toContain('Querying');
    facility.set({ pool: pool() });
    await text('8 of 48 cores free');
  });

  it('asks for nothing while it is hidden', () => {
    section.hide();
    Widget.attach(section, document.body);
    expect(facility.about).not.toHaveBeenCalled();
    section.show();
    expect(facility.about).toHaveBeenCalledTimes(1);
  });

  it('says how old a look is, when it is old', async () => {
    facility.pool = pool({ seen: new Date(Date.now() - 600_000).toISOString() });
    Widget.attach(section, document.body);
    await text('Updated 10 min ago.');
    facility.set({ pool: pool({ seen: new Date().toISOString() }) });
    await until('nothing about it', () => !section.node.textContent.includes('Looked'));
  });

  it('says so also when nothing is heard of the pool any more, as long as it is seen', async () => {
    const ticks = jest.spyOn(globalThis, 'setInterval');
    const stops = jest.spyOn(globalThis, 'clearInterval');
    const clock = jest.spyOn(Date, 'now');
    try {
      facility.pool = pool({ seen: new Date().toISOString() });
      Widget.attach(section, document.body);
      const tick = await until('a clock', () => {
        const told = ticks.mock.calls.at(-1)?.[0];
        return typeof told === 'function' && (told as () => void);
      });
      const began = Date.now();
      clock.mockImplementation(() => began + 240_000);
      tick();
      clock.mockRestore();
      await text('Updated 4 min ago.');
      expect(stops).not.toHaveBeenCalled();
      section.hide();
      await until('its end', () => stops.mock.calls.length > 0);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('waits in words', async () => {
    facility.pool = null;
    Widget.attach(section, document.body);
    await text('Querying the pool');
  });
});
