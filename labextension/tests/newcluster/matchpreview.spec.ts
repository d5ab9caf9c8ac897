import { PromiseDelegate } from '@lumino/coreutils';

import { CondorUnavailable, type Match } from '../../src/api';
import type { INewClusterOptions, NewClusterDialog } from '../../src/newcluster/dialog';
import { find, press, SetFacility, type, until } from '../support';
import { accept, field, launched, shown } from './support';

describe('NewClusterDialog beside the pool', () => {
  let facility: SetFacility;
  let dialog: NewClusterDialog;
  const create = jest.fn(() => new Promise<never>(() => undefined));
  const launch = async (options: Partial<INewClusterOptions> = {}): Promise<void> => {
    dialog = await launched({ create, facility, ...options });
  };

  beforeEach(() => {
    facility = new SetFacility();
    create.mockClear();
    Element.prototype.scrollIntoView = jest.fn();
  });

  afterEach(() => {
    dialog.reject();
    dialog.dispose();
  });

  const match: Match = {
    now: 14,
    ever: 52,
    sites: [
      { site: 'hpc', now: 10, ever: 40 },
      { site: null, now: 4, ever: 12 }
    ],
    never: [],
    fits: null
  };
  const pause = (): Promise<unknown> => new Promise(resolve => setTimeout(resolve, 400));

  it('tells how many slots match, in all and at each site', async () => {
    facility.match.mockResolvedValue(match);
    await launch();
    await shown('14 slots match now, 52 ever');
    expect(facility.match.mock.calls).toEqual([
      [{ cores: 1, memory: '2 GB', environment: { kernel: 'python3' } }]
    ]);
    expect(
      [...document.querySelectorAll('.jp-AfLab-siteMatches > li')].map(line => line.textContent)
    ).toEqual(['Leonardo (HPC)10 now, 40 ever', 'elsewhere4 now, 12 ever']);
    expect(find('.jp-AfLab-match > [aria-live=polite]').textContent).not.toContain('each');
    type(field('cores'), '4');
    await shown('(4 workers each)');
  });

  it('asks once what was typed has come to rest, and nothing about names or numbers', async () => {
    await launch();
    await shown('14 slots');
    for (const text of ['4', '4 ', '4 G', '4 GB']) {
      type(field('memory'), text);
    }
    type(field('name'), 'other');
    type(field('workers'), '9');
    await pause();
    expect(facility.match.mock.calls.map(([{ memory }]) => memory)).toEqual(['2 GB', '4 GB']);
  });

  it('does not ask while something is wrong', async () => {
    await launch();
    await shown('14 slots');
    type(field('memory'), '4 GB');
    type(field('memory'), '4 GBC');
    await shown('Correct the fields');
    await pause();
    expect(facility.match).toHaveBeenCalledTimes(1);
    type(field('memory'), '2 GB');
    await shown('14 slots');
    await pause();
    expect(facility.match).toHaveBeenCalledTimes(1);
  });

  it('drops an answer that comes late', async () => {
    const late = new PromiseDelegate<Match>();
    facility.match.mockReturnValueOnce(late.promise);
    await launch();
    await until('a question', () => facility.match.mock.calls.length === 1);
    type(field('memory'), '4 GB');
    await shown('14 slots');
    late.resolve({ ...match, now: 1 });
    await pause();
    await shown('14 slots');
  });

  it('says plainly that no slot ever fits, and creates all the same', async () => {
    facility.match.mockResolvedValue({
      now: 0,
      ever: 0,
      sites: [{ site: 'hpc', now: 0, ever: 0 }],
      never: ['No slot can ever run this: the largest has `4 cores`.', 'Besides, none has a GPU.'],
      fits: null
    });
    await launch({ suggestion: { name: 'default', gpus: 1, cores: 8 } });
    await shown('No slot can ever run this: the largest has 4 cores. Besides, none has a GPU.');
    // They match as little as the defaults, as in a pool that is empty at the moment.
    expect([field('cores').value, field('gpus').value]).toEqual(['8', '1']);
    expect(document.querySelector('.jp-AfLab-siteMatches')).toBeNull();
    press(field('name'), 'Enter');
    expect(create).toHaveBeenCalled();
  });

  it('says quietly that the pool does not tell', async () => {
    facility.match.mockRejectedValue(new CondorUnavailable('The schedd sleeps.'));
    await launch();
    await shown('The schedd sleeps.');
    expect(accept().disabled).toBe(false);
    await pause();
    expect(facility.match).toHaveBeenCalledTimes(1);
  });

  it('asks nothing once it is closed', async () => {
    await launch();
    press(field('name'), 'Escape');
    await pause();
    expect(facility.match).not.toHaveBeenCalled();
  });

  it('fills in what fits, says what it changed, and keeps the focus', async () => {
    const fits = { cores: 4, memory: 2e9, disk: 1e9, gpus: 0, arch: null, sites: [] };
    facility.match.mockImplementation(({ cores }) =>
      Promise.resolve(cores === 64 ? { ...match, ever: 0, never: ['Too large.'], fits } : match)
    );
    await launch();
    await shown('14 slots match');
    expect(document.querySelector('.jp-AfLab-useFit')).toBeNull();
    type(field('cores'), '64');
    await shown('Too large.');
    find('.jp-AfLab-useFit').click();
    await shown('Changed so that a slot of the pool can run it: 4 cores per job instead of 64.');
    expect(field('cores').value).toBe('4');
    expect(document.activeElement).toBe(field('cores'));
    await shown('14 slots match');
    expect(document.querySelector('.jp-AfLab-useFit')).toBeNull();
  });
});
