import { type NewCluster, ServerAway } from '../../src/api';
import type { INewClusterOptions } from '../../src/newcluster/dialog';
import { find, root, type SetFacility, type, until } from '../support';
import { AskingDialog, field, has, options, shown, USUAL } from './support';

describe('NewClusterDialog of what was chosen last', () => {
  let asking: AskingDialog;
  let facility: SetFacility;

  beforeEach(() => {
    asking = new AskingDialog();
    facility = asking.facility;
  });

  afterEach(() => {
    asking.dispose();
  });

  const launch = (options?: Partial<INewClusterOptions>): Promise<unknown> =>
    asking.launch(options);
  const create = (): NewCluster | undefined => asking.create();

  const last: NewCluster = {
    name: 'default',
    adapt: { minimum: 1, maximum: 9 },
    cores: 2,
    memory: '3 GiB',
    gpus: 1,
    arch: 'ppc64le',
    sites: ['hpc'],
    environment: { kernel: 'root' },
    idle_timeout: 5400
  };

  it('creates just that', async () => {
    await launch({ suggestion: last });
    expect(options('idle_timeout')).toEqual(['15 min', '1 h', '1 h 30 min', '4 h', '1 d', 'never']);
    expect(create()).toEqual(last);
  });

  it('says what it repeats, but not what was changed since', async () => {
    await launch({ suggestion: last });
    const told = (): string => find('.jp-AfLab-first + .jp-AfLab-hint').textContent;
    expect(told()).toBe(
      'As in your last choice: 1 to 9 workers, 2 cores per job, 3 GiB per job, 1 GPU per job, ' +
        'architecture ppc64le, site Leonardo (HPC), environment “ROOT 6.40”, ends when idle for: 1 h 30 min.'
    );
    field('adaptive').click();
    type(field('cores'), '4');
    await until('less', () => !told().includes('cores'));
    expect(told()).toContain(': 3 GiB per job, 1 GPU');
  });

  it('says nothing if it is what is usual', async () => {
    await launch({ suggestion: { name: 'other', workers: 2, ...USUAL } });
    expect(document.querySelector('.jp-AfLab-first + .jp-AfLab-hint')).toBeNull();
  });

  describe('which no slot matches', () => {
    const nothing = {
      now: 0,
      ever: 0,
      sites: [],
      never: ['The largest has 8 cores.'],
      fits: null
    };

    it('repeats the rest, says so, and asks no more often', async () => {
      facility.match.mockImplementation(({ cores }) =>
        Promise.resolve(
          cores === 2 ? nothing : { now: 1, ever: 9, sites: [], never: [], fits: null }
        )
      );
      await launch({ suggestion: last });
      await shown(
        'Your last choice is not repeated, because no slot matches it: 2 cores per job, 3 GiB per job,'
      );
      await shown('As in your last choice: 1 to 9 workers, environment “ROOT 6.40”');
      await shown('1 slot matches now, 9 ever');
      await new Promise(resolve => setTimeout(resolve, 400));
      expect(facility.match).toHaveBeenCalledTimes(2);
      expect(create()).toEqual({
        name: last.name,
        adapt: last.adapt,
        ...USUAL,
        environment: last.environment,
        idle_timeout: last.idle_timeout
      });
    });

    it('repeats it if the pool does not say whether slots match', async () => {
      facility.match.mockRejectedValue(new ServerAway('x'));
      await launch({ suggestion: last });
      expect(create()).toEqual(last);
    });

    it('repeats it if the pool does not answer soon', async () => {
      facility.match.mockReturnValue(new Promise(() => undefined));
      await launch({ suggestion: last });
      await until('the form', () => has('cores'));
      expect(create()).toEqual(last);
    });
  });

  it('drops what there is no longer', async () => {
    facility.about.mockResolvedValue(
      root({ architectures: ['x86_64'], sites: [], kernels: root().kernels.slice(0, 1) })
    );
    await launch({ suggestion: last });
    expect(has('sites')).toBe(false);
    const { arch, sites, ...rest } = last;
    expect([arch, sites]).toBeDefined();
    expect(create()).toEqual({ ...rest, environment: { kernel: 'python3' } });
  });

  it('prefers the kernel of the notebook', async () => {
    await launch({ suggestion: last, kernel: 'python3' });
    expect(options('environment')).toEqual(['Python 3 (this notebook)', 'ROOT 6.40']);
    expect(create()).toMatchObject({ environment: { kernel: 'python3' } });
  });

  it('starts tasks in the folder of the notebook, or in another one', async () => {
    await launch({ directory: 'analyses/dimuon' });
    expect(field('directory').value).toBe('analyses/dimuon');
    expect(create()).toMatchObject({ directory: 'analyses/dimuon' });
  });

  it('starts tasks at the top of the files where there is no notebook', async () => {
    await launch({ directory: '' });
    expect(create()).not.toHaveProperty('directory');
  });

  it('does not mind a notebook in another language', async () => {
    await launch({ suggestion: last, kernel: 'ir' });
    expect(create()).toMatchObject({ environment: { kernel: 'root' } });
  });
});
