import { nullTranslator } from '@jupyterlab/translation';
import { PromiseDelegate } from '@lumino/coreutils';

import { ApiError, type ICluster, type INewCluster } from '../src/api';
import { NewClusterDialog } from '../src/dialogs/newcluster';
import { cluster, find, findField, press, type, until } from './support';

describe('NewClusterDialog', () => {
  let asked: INewCluster[];
  let answers: PromiseDelegate<ICluster>[];
  let dialog: NewClusterDialog;

  beforeEach(async () => {
    asked = [];
    answers = [];
    dialog = new NewClusterDialog({
      create: request => {
        const answer = new PromiseDelegate<ICluster>();
        asked.push(request);
        answers.push(answer);
        return answer.promise;
      },
      suggestion: { name: 'default', workers: 2 },
      trans: nullTranslator.load('af_lab')
    });
    void dialog.launch();
    await dialog.ready;
    await until('the focus', () => document.activeElement?.matches('[name=name]'));
  });

  afterEach(() => {
    dialog.reject();
    dialog.dispose();
  });

  const field = (name: string): HTMLInputElement => findField(`.jp-AfLab-form input[name=${name}]`);
  const refusal = (text: string): Promise<HTMLElement> =>
    until(`“${text}”`, () =>
      [...document.querySelectorAll<HTMLElement>('.jp-AfLab-refusal')].find(
        node => node.textContent === text
      )
    );

  it('creates what it suggests on Enter, and closes', async () => {
    press(field('name'), 'Enter');
    expect(asked).toEqual([{ name: 'default', workers: 2 }]);
    expect(dialog.isAttached).toBe(true);
    answers[0]?.resolve(cluster());
    await until('the end', () => !document.querySelector('.jp-AfLab-form'));
  });

  it('asks once, however often Enter is pressed', () => {
    press(field('name'), 'Enter');
    press(field('name'), 'Enter');
    expect(asked).toHaveLength(1);
  });

  it('creates what was typed', () => {
    type(field('name'), 'dimuon');
    type(field('workers'), '20');
    find('button.jp-mod-accept').click();
    expect(asked).toEqual([{ name: 'dimuon', workers: 20 }]);
  });

  it.each([
    ['name', 'two words'],
    ['name', '-x'],
    ['name', ''],
    ['workers', ''],
    ['workers', '1.5']
  ])('does not send a %s like “%s”', (name, text) => {
    type(field(name), text);
    press(field(name), 'Enter');
    find('button.jp-mod-accept').click();
    expect(asked).toEqual([]);
    expect(field(name).getAttribute('aria-invalid')).toBe('true');
  });

  it('says beside the name that it is taken, keeps what was typed, and tries again', async () => {
    type(field('name'), 'dimuon');
    press(field('name'), 'Enter');
    answers[0]?.reject(new ApiError('There is one.', 'Not now', 'ClusterExists'));
    const words = await refusal('There is one.');
    expect(field('name').getAttribute('aria-describedby')).toContain(words.id);
    expect(field('name').value).toBe('dimuon');
    expect(field('name').getAttribute('aria-invalid')).toBe('true');
    type(field('name'), 'dimuon-2');
    await until('the words to go', () => !words.textContent);
    press(field('name'), 'Enter');
    expect(asked[1]).toEqual({ name: 'dimuon-2', workers: 2 });
  });

  it('shows any other refusal in the form', async () => {
    press(field('name'), 'Enter');
    answers[0]?.reject(new ApiError('Too many.', 'Not now', 'LimitExceeded'));
    await refusal('Too many.');
    expect(field('name').getAttribute('aria-invalid')).toBe('false');
  });

  it('closes on Escape while the server thinks', async () => {
    press(field('name'), 'Enter');
    press(field('name'), 'Escape');
    await until('the end', () => !document.querySelector('.jp-AfLab-form'));
    answers[0]?.resolve(cluster());
  });
});
