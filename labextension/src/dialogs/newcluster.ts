import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { asApiError, type ICluster, type INewCluster } from '../api';
import { NewClusterForm } from './newclusterform';

export interface INewClusterOptions {
  /** Creates the cluster; rejects when it is refused. */
  readonly create: (request: INewCluster) => Promise<ICluster>;

  /** What stands in the form at first. */
  readonly suggestion: INewCluster;

  readonly trans: TranslationBundle;
}

/** The place of the accepting button. */
const ACCEPT = 1;

/** Asks for a new cluster until it is there or the user gives up: a refusal is shown beside what was typed. */
export class NewClusterDialog extends Dialog<INewCluster> {
  constructor(options: INewClusterOptions) {
    const { create, suggestion, trans } = options;
    const form = new NewClusterForm(suggestion, trans);
    super({
      title: trans.__('New cluster'),
      body: form,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Create'), ariaLabel: trans.__('Create the cluster') })
      ],
      focusNodeSelector: 'input'
    });
    this.addClass('jp-AfLab-dialog');
    this._create = create;
    this._form = form;
  }

  override resolve(index = ACCEPT): void {
    if (index !== ACCEPT) {
      super.resolve(index);
    } else if (this._form.isValid && !this._submitting) {
      void this._submit();
    }
  }

  private async _submit(): Promise<void> {
    this._setSubmitting(true);
    try {
      await this._create(this._form.getValue());
      super.resolve(ACCEPT);
    } catch (error) {
      this._setSubmitting(false);
      this._form.setRefusal(asApiError(error));
    }
  }

  private _setSubmitting(submitting: boolean): void {
    this._submitting = submitting;
    this._form.setRefusal(null);
    const button = this.node.querySelector<HTMLButtonElement>('button.jp-mod-accept');
    button?.setAttribute('aria-busy', String(submitting));
  }

  private readonly _create: INewClusterOptions['create'];
  private readonly _form: NewClusterForm;
  private _submitting = false;
}
