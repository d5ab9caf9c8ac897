import { PromiseDelegate } from '@lumino/coreutils';

import {
  ApiError,
  type Cluster,
  ExtensionMissing,
  type NewCluster,
  type Root,
  ServerAway,
  type IAbout
} from '../../src/api';
import { NewClusterDialog } from '../../src/newcluster/dialog';
import { cluster, find, press, root, type SetFacility, type, until } from '../support';
import { accept, AskingDialog, choose, field, has, shown, trans, USUAL, words } from './support';

describe('NewClusterDialog', () => {
  let asking: AskingDialog;
  let asked: readonly NewCluster[];
  let answers: readonly PromiseDelegate<Cluster>[];
  let facility: SetFacility;
  let dialog: NewClusterDialog;

  const scrollIntoView = jest.fn();

  const launch = async (): Promise<void> => {
    dialog = await asking.launch();
  };

  beforeEach(() => {
    asking = new AskingDialog();
    ({ asked, answers, facility } = asking);
    scrollIntoView.mockClear();
    Element.prototype.scrollIntoView = scrollIntoView;
  });

  afterEach(() => {
    asking.dispose();
  });

  const create = (): NewCluster | undefined => asking.create();
  const refuse = (message: string, code: string, about: IAbout = {}): void => {
    answers.at(-1)?.reject(new ApiError(message, 'No', code, about));
  };

  describe('of what it suggests', () => {
    beforeEach(() => launch());

    it('creates what is usual on Enter, and closes', async () => {
      expect(create()).toEqual({ name: 'default', workers: 2, ...USUAL });
      expect(dialog.isAttached).toBe(true);
      answers[0]?.resolve(cluster());
      await until('the end', () => !document.querySelector('.jp-AfLab-form'));
    });

    it('asks once, however often Enter is pressed', () => {
      press(field('name'), 'Enter');
      press(field('name'), 'Enter');
      expect(asked).toHaveLength(1);
    });

    it('creates what was typed and chosen', () => {
      type(field('name'), 'dimuon');
      type(field('workers'), '20');
      type(field('cores'), '4');
      type(field('memory'), '8GiB');
      type(field('gpus'), '1');
      choose('arch', 'aarch64');
      choose('environment', 'root');
      choose('idle_timeout', 'never');
      find('input[name=sites][value=hpc]').click();
      accept().click();
      expect(asked).toEqual([
        {
          name: 'dimuon',
          workers: 20,
          cores: 4,
          memory: '8GiB',
          gpus: 1,
          arch: 'aarch64',
          sites: ['hpc'],
          environment: { kernel: 'root' },
          idle_timeout: null
        }
      ]);
    });

    it.each([
      ['2 h', '2 h', ''],
      ['', undefined, ''],
      ['soon', null, 'Enter a time such as “2 h” or “90 min”, or nothing.'],
      ['30 s', null, 'At least 1 min.']
    ])('takes “%s” as the time of a job', (typed, asks, wrong) => {
      type(field('time'), typed);
      expect(words('time')).toBe(wrong);
      expect(create()?.time ?? (wrong ? null : undefined)).toBe(asks);
    });

    it('creates a cluster that scales itself, at first up to the workers typed', () => {
      type(field('workers'), '20');
      field('adaptive').click();
      expect(has('workers')).toBe(false);
      expect(field('maximum').value).toBe('20');
      type(field('minimum'), '2');
      expect(create()).toEqual({ name: 'default', adapt: { minimum: 2, maximum: 20 }, ...USUAL });
    });

    it('does not take a range from more to less', () => {
      field('adaptive').click();
      type(field('minimum'), '5');
      type(field('maximum'), '4');
      expect(create()).toBeUndefined();
      expect(words('workers')).toContain('above');
    });

    it.each([
      ['name', 'two words'],
      ['name', '-x'],
      ['name', ''],
      ['workers', ''],
      ['workers', '1.5'],
      ['workers', '100001'],
      ['cores', '0'],
      ['memory', 'much'],
      ['memory', '127 MB'],
      ['memory', '2 PB'],
      ['gpus', '65']
    ])('does not send a %s like “%s”', (name, text) => {
      type(field(name), text);
      expect(create()).toBeUndefined();
      expect(accept().disabled).toBe(true);
      expect(field(name).getAttribute('aria-invalid')).toBe('true');
      expect(words(name)).not.toBe('');
      type(field(name), '300');
      expect(accept().disabled).toBe(name === 'memory' || name === 'gpus');
    });

    it('says beside the name that it is taken, keeps what was typed, and tries again', async () => {
      type(field('name'), 'dimuon');
      create();
      refuse('There is one.', 'ClusterExists');
      await until('the words', () => words('name') === 'There is one.');
      expect(find(`[id="${field('name').getAttribute('aria-describedby')}"]`).textContent).toBe(
        'There is one.'
      );
      expect(field('name').value).toBe('dimuon');
      expect(field('name').getAttribute('aria-invalid')).toBe('true');
      type(field('name'), 'dimuon-2');
      await until('the words to go', () => words('name') === '');
      expect(create()).toMatchObject({ name: 'dimuon-2', workers: 2 });
    });

    it.each([
      ['workers', 'LimitExceeded', { limit: 'workers' }, /^No\.$/],
      ['workers', 'LimitExceeded', { limit: 'cores' }, /^No\.$/],
      ['memory', 'SpecError', { fields: { memory: 'At most 1 PB.' } }, /^At most 1 PB\.$/],
      ['workers', 'SpecError', { fields: { adapt: 'It is wrong.' } }, /^It is wrong\.$/],
      ['environment', 'EnvironmentMismatch', {}, /^No\.$/]
    ])('says beside %s what is wrong (%s, %j)', async (name, code, about, said) => {
      create();
      refuse('No.', code, about);
      await until('the words', () => said.test(words(name)));
    });

    it('says each of several things beside its field', async () => {
      create();
      const fields = { cores: 'Too many.', name: "'x' is wrong.", disk: 'Too big.' };
      refuse('Several things.', 'SpecError', { fields });
      await until('the words', () => words('cores') === 'Too many.');
      expect(words('name')).toBe("'x' is wrong.");
      expect(find('.jp-AfLab-form > .jp-AfLab-refusal').textContent).toBe('disk: Too big.');
    });

    it('shows any other refusal in the form', async () => {
      create();
      refuse('2 clusters at a time are allowed. End one.', 'LimitExceeded', { limit: 'clusters' });
      await shown('End one.');
      await until('the words to come into view', () => scrollIntoView.mock.calls.length === 1);
      expect(words('workers')).toBe('');
      expect(field('name').getAttribute('aria-invalid')).toBe('false');
    });

    it('keeps the focus within', async () => {
      await until('the end', () => has('sites'));
      accept().focus();
      press(accept(), 'Tab');
      expect(document.activeElement).toBe(field('name'));
      field('name').dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Tab', shiftKey: true, bubbles: true })
      );
      expect(document.activeElement).toBe(accept());
    });

    it('leaves the focus where it was moved to before the page is idle', async () => {
      dialog.reject();
      const idle: IdleRequestCallback[] = [];
      const busy = jest
        .spyOn(window, 'requestIdleCallback')
        .mockImplementation(work => idle.push(work));
      const late = new NewClusterDialog({
        create: () => Promise.reject(new Error('it is not asked for')),
        facility,
        kernel: null,
        directory: '',
        suggestion: { name: 'default' },
        trans
      });
      void late.launch().catch(() => undefined);
      await until('the name', () => document.activeElement?.matches('[name=name]'));
      field('workers').focus();
      busy.mockRestore();
      for (const work of idle) {
        work({ didTimeout: false, timeRemaining: () => 1 });
      }
      await late.ready;
      expect(document.activeElement).toBe(field('workers'));
      late.reject();
      late.dispose();
    });

    it('closes on Escape while the server thinks', async () => {
      create();
      press(field('name'), 'Escape');
      await until('the end', () => !document.querySelector('.jp-AfLab-form'));
      answers[0]?.resolve(cluster());
    });
  });

  it('checks the limits, and tells them', async () => {
    facility.about.mockResolvedValue(root({ limits: { clusters: 2, workers: 50, cores: 40 } }));
    await launch();
    await shown('At most 50.');
    await shown('at most 40 cores');
    type(field('workers'), '51');
    expect(words('workers')).toContain('at most 50 workers');
    type(field('workers'), '37');
    expect(words('workers')).toBe('');
    type(field('cores'), '8');
    expect(words('workers')).toBe('');
    type(field('cores'), '16');
    expect(words('workers')).toContain('would take 48');
    expect(create()).toBeUndefined();
  });

  describe('while the facility does not tell what it offers', () => {
    let about: PromiseDelegate<Root>;

    beforeEach(async () => {
      about = new PromiseDelegate();
      facility.about.mockReturnValue(about.promise);
      await launch();
    });

    it('has a name and workers, keeps what was typed there, and then shows the rest', async () => {
      expect(has('memory')).toBe(false);
      type(field('workers'), '7');
      about.resolve(root());
      await until('the memory', () => has('memory'));
      expect(field('workers').value).toBe('7');
    });

    it('offers nothing but what to type, if the server lacks the extension', async () => {
      about.reject(new ExtensionMissing('Not Found'));
      await shown('af_lab is missing on the server');
      await shown('pip install af-lab');
      expect(document.querySelector('.jp-AfLab-form input')).toBeNull();
      expect(accept().hidden).toBe(true);
      const cancel = find('.jp-Dialog .jp-mod-reject');
      expect(document.activeElement).toBe(cancel);
      press(cancel, 'Tab');
      expect(document.activeElement).toBe(cancel);
      dialog.resolve();
      expect(asked).toEqual([]);
    });

    it('says why, and creates with no more than that', async () => {
      about.reject(new ServerAway('away'));
      await shown('The server does not answer');
      expect(create()).toEqual({ name: 'default' });
      refuse('memory: too much.', 'SpecError', { fields: { memory: 'Too much.' } });
      await shown('Too much.');
      type(field('workers'), '7');
      expect(create()).toEqual({ name: 'default', workers: 7 });
      expect(facility.match).not.toHaveBeenCalled();
    });
  });
});
