import { ApiError } from '../../src/api';
import { requestLike } from '../../src/clusters/likeness';
import { freeName } from '../../src/clusters/names';
import { CommandIDs } from '../../src/tokens';
import { cluster, entry, explanation, find, findField, press, until } from '../support';
import { CommandsAlone, special } from './support';

const SPEC = {
  cores: 4,
  memory: 8e9,
  disk: 20e9,
  gpus: 1,
  arch: 'aarch64',
  sites: ['hpc'],
  environment: { path: '/opt/python' },
  directory: '/home/physicist/fit',
  submit: { '+JobFlavour': 'tomorrow' },
  time: 7200,
  idle_timeout: null
};

const REQUEST = {
  name: 'dimuon',
  workers: 2,
  ...SPEC
};

/** The form, once the facility's options are in it. */
const form = (): Promise<HTMLElement> =>
  until('the form', () =>
    document.querySelector('.jp-Dialog [name=memory]')?.closest<HTMLElement>('.jp-AfLab-form')
  );

describe('a request like a cluster', () => {
  it('has all of its specification, and the workers requested last', () => {
    expect(requestLike({ ...special(SPEC), counts: cluster().counts })).toEqual(REQUEST);
    expect(requestLike(cluster({ workers: 7 }))).toMatchObject({ workers: 7 });
    const adapt = { minimum: 0, maximum: 9 };
    expect(requestLike(cluster({ workers: null, adapt }))).toMatchObject({ adapt });
    expect(requestLike(cluster({ workers: null, adapt }))).not.toHaveProperty('workers');
  });

  it('leaves out what is not given, and what nobody knows', () => {
    const request = requestLike({
      ...special({ variables: { TOKEN: '' }, directory: '' }),
      counts: cluster().counts
    });
    expect(request).toEqual({
      name: 'dimuon',
      workers: 2,
      cores: 1,
      memory: 2e9,
      disk: 1e9,
      environment: { kernel: 'python3' },
      idle_timeout: 3600
    });
  });
});

describe('a free name like another', () => {
  it('goes on with its number', () => {
    const taken = ['fit', 'fit-2', 'run-2026', 'a'.repeat(63)].map(name => entry({ name }));
    expect(freeName(taken, 'fit')).toBe('fit-3');
    expect(freeName(taken, 'fit-2')).toBe('fit-3');
    expect(freeName(taken, 'run-2026')).toBe('run-2026-2');
    expect(freeName(taken, 'other')).toBe('other');
    expect(freeName(taken, 'a'.repeat(63))).toBe(`${'a'.repeat(61)}-2`);
  });
});

describe('again', () => {
  let lab: CommandsAlone;

  beforeEach(() => {
    lab = new CommandsAlone();
    lab.clusters.create.mockResolvedValue(cluster());
  });

  afterEach(() => {
    lab.dispose();
    document.querySelectorAll('.jp-Dialog').forEach(node => {
      press(node as HTMLElement, 'Escape');
    });
  });

  const again = (): Promise<unknown> =>
    lab.commands.execute(CommandIDs.releaseCluster, { name: 'dimuon' });

  it('creates a cluster that ended as it was, under its name', async () => {
    lab.clusters.entries = [entry(special(SPEC, { state: 'ended' }))];
    await again();
    expect(lab.clusters.create).toHaveBeenCalledWith(REQUEST);
    expect(lab.clusters.release).not.toHaveBeenCalled();
  });

  it('says why it was not created', async () => {
    lab.clusters.entries = [entry({ state: 'ended' })];
    lab.clusters.create.mockRejectedValue(new ApiError('The site hpc is gone.'));
    await again();
    expect(lab.notified).toEqual(['dimuon was not started again. The site hpc is gone.']);
  });

  it.each([
    ['Escape', 0],
    ['Enter', 1]
  ] as const)('asks first if it had variables (%s)', async (key, created) => {
    lab.clusters.entries = [entry(special({ variables: { TOKEN: '' } }, { state: 'ended' }))];
    const done = again();
    const button = await until('the question', () =>
      document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-accept')
    );
    expect(find('.jp-Dialog-body').textContent).toContain('The values of TOKEN were removed');
    press(button, key);
    await done;
    expect(lab.clusters.create).toHaveBeenCalledTimes(created);
  });

  it.each(['held', 'failed'] as const)('releases one that is %s', async state => {
    lab.clusters.entries = [entry(special({ variables: { TOKEN: '' } }, { state }))];
    await again();
    expect(lab.clusters.release).toHaveBeenCalledWith('dimuon');
    expect(lab.clusters.create).not.toHaveBeenCalled();
  });

  it('copies a cluster with all that it has, under a name that is free', async () => {
    lab.clusters.entries = [entry(special({ ...SPEC, variables: { TOKEN: '' } }))];
    const done = lab.commands.execute(CommandIDs.copyCluster, { name: 'dimuon' });
    const { textContent: words } = await form();
    expect(words).toContain('As in dimuon: 4 cores per job, 8 GB per job, 1 GPU per job');
    expect(words).toContain('20 GB of disk per job, +JobFlavour = tomorrow.');
    expect(words).toContain('the environment variables TOKEN');
    press(findField('.jp-Dialog [name=name]'), 'Enter');
    await expect(done).resolves.toBe('dimuon');
    expect(lab.clusters.create).toHaveBeenCalledWith({
      ...REQUEST,
      name: 'dimuon-2',
      memory: '8 GB',
      time: '2 h'
    });
  });

  it('asks for what fits in place of what no slot can run', async () => {
    const fits = { cores: 2, memory: 4e9, disk: 10e9, gpus: 0, arch: null, sites: [] };
    lab.clusters.entries = [entry(special(SPEC), { why: explanation() })];
    lab.facility.match.mockResolvedValue({ now: 0, ever: 0, sites: [], never: ['No.'], fits });
    const done = lab.commands.execute(CommandIDs.askForWhatFits, { name: 'dimuon' });
    const { textContent: words } = await form();
    expect(words).toContain(
      'Changed so that a slot of the pool can run it: 2 cores per job instead of 4, 4 GB of memory instead of 8 GB, ' +
        '10 GB of disk instead of 20 GB, 0 GPUs instead of 1, the architecture of this machine instead of aarch64, ' +
        'any site instead of hpc.'
    );
    press(findField('.jp-Dialog [name=name]'), 'Enter');
    await done;
    expect(lab.clusters.create).toHaveBeenCalledWith({
      workers: 2,
      environment: SPEC.environment,
      directory: SPEC.directory,
      submit: SPEC.submit,
      idle_timeout: null,
      name: 'dimuon-2',
      cores: 2,
      memory: '4 GB',
      disk: 10e9,
      time: '2 h'
    });
  });

  it.each([
    [{ ever: 3, never: [] }, 'The pool has slots that can run jobs with the values of dimuon.'],
    [
      { ever: 0, never: ['The policy refuses.'] },
      'To ask for less does not help. The policy refuses.'
    ]
  ] as const)('says so if nothing is to be changed', async (answer, words) => {
    lab.clusters.entries = [entry()];
    lab.facility.match.mockResolvedValue({ now: 0, sites: [], fits: null, ...answer });
    await lab.commands.execute(CommandIDs.askForWhatFits, { name: 'dimuon' });
    expect(lab.notified[0]).toContain(words);
    expect(document.querySelector('.jp-AfLab-form')).toBeNull();
  });

  it('copies code, with the names of the variables', async () => {
    lab.clusters.entries = [entry(special({ variables: { TOKEN: '' } }))];
    await lab.commands.execute(CommandIDs.copyPython, { name: 'dimuon' });
    expect(lab.copied.mock.lastCall?.[0]).toContain('variables={"TOKEN": os.environ["TOKEN"]},');
    await lab.commands.execute(CommandIDs.copyCommand, { name: 'dimuon' });
    expect(lab.copied.mock.lastCall?.[0]).toBe(
      "af-lab cluster create dimuon --workers 2 --cores 1 --memory '2 GB' --disk '1 GB' --kernel python3 " +
        "--directory /home/physicist --env TOKEN --idle-timeout '1 h'"
    );
    expect(lab.notified[0]).toContain('It takes the values of TOKEN from the environment');
  });
});
