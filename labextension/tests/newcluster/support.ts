/** The dialog of a new cluster, and what it shows. */
import { nullTranslator } from '@jupyterlab/translation';
import { PromiseDelegate } from '@lumino/coreutils';

import type { Cluster, NewCluster } from '../../src/api';
import { type INewClusterOptions, NewClusterDialog } from '../../src/newcluster/dialog';
import { find, findField, press, SetFacility, until } from '../support';

export const trans = nullTranslator.load('af_lab');

/** What a cluster is like whose user changes nothing, apart from its name and workers. */
export const USUAL = {
  cores: 1,
  memory: '2 GB',
  environment: { kernel: 'python3' },
  idle_timeout: 3600
} as const;

/** Open a dialog, and wait until it has the focus. */
export async function launched(options: Partial<INewClusterOptions>): Promise<NewClusterDialog> {
  const dialog = new NewClusterDialog({
    create: () => new Promise(() => undefined),
    facility: new SetFacility(),
    kernel: null,
    directory: '',
    suggestion: { name: 'default' },
    trans,
    ...options
  });
  void dialog.launch();
  await dialog.ready;
  await until('the focus', () => document.activeElement?.matches('[name=name]'));
  return dialog;
}

export const field = (name: string): HTMLInputElement =>
  findField(`.jp-AfLab-form input[name=${name}]`);
export const has = (name: string): boolean =>
  document.querySelector(`.jp-AfLab-form [name=${name}]`) !== null;
export const select = (name: string): HTMLSelectElement =>
  find(`.jp-AfLab-form select[name=${name}]`) as HTMLSelectElement;
export const choose = (name: string, value: string): void => {
  select(name).value = value;
  select(name).dispatchEvent(new Event('change', { bubbles: true }));
};
export const options = (name: string): string[] =>
  [...select(name).options].map(option => option.textContent);
export const words = (name: string): string =>
  find(`[data-field=${name}] .jp-AfLab-refusal`).textContent;
export const accept = (): HTMLButtonElement => find('button.jp-mod-accept') as HTMLButtonElement;
export const shown = (text: string): Promise<unknown> =>
  until(`“${text}”`, () => find('.jp-AfLab-form').textContent.includes(text));

/** A dialog, the clusters that it asks for, and the answers that a test gives to it. */
export class AskingDialog {
  readonly asked: NewCluster[] = [];
  readonly answers: PromiseDelegate<Cluster>[] = [];
  readonly facility = new SetFacility();

  async launch(options: Partial<INewClusterOptions> = {}): Promise<NewClusterDialog> {
    this._dialog = await launched({
      create: request => {
        const answer = new PromiseDelegate<Cluster>();
        this.asked.push(request);
        this.answers.push(answer);
        return answer.promise;
      },
      facility: this.facility,
      ...options
    });
    return this._dialog;
  }

  /** Press Enter in the dialog; what it asked for last, if anything. */
  create(): NewCluster | undefined {
    press(field('name'), 'Enter');
    return this.asked.at(-1);
  }

  dispose(): void {
    this._dialog?.reject();
    this._dialog?.dispose();
  }

  private _dialog: NewClusterDialog | null = null;
}
