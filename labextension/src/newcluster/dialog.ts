import { Dialog } from '@jupyterlab/apputils';

import { asApiError, type Cluster, type NewCluster } from '../api';
import { NewClusterForm } from './form';
import { type INewClusterModelOptions, NewClusterModel } from './model';

export interface INewClusterOptions extends INewClusterModelOptions {
  /** Creates the cluster; rejects when it is refused. */
  readonly create: (request: NewCluster) => Promise<Cluster>;
}

/** Keys that buttons and links in the form handle; the dialog of JupyterLab 4.2 would accept, or move the focus. */
const OWN_KEYS = new Set(['Enter', 'ArrowLeft', 'ArrowRight']);

function isOwnKey({ key, target }: KeyboardEvent): boolean {
  return (
    OWN_KEYS.has(key) &&
    target instanceof Element &&
    target.closest('.jp-AfLab-form') !== null &&
    target.closest('button, summary, a') !== null
  );
}

/** The index of the button that accepts. */
const ACCEPT = 1;

/** Stays open until the cluster is created or the user cancels; a refusal is shown beside its field. */
export class NewClusterDialog extends Dialog<NewCluster> {
  constructor(options: INewClusterOptions) {
    const { create, trans } = options;
    const model = new NewClusterModel(options);
    super({
      title: trans.__('New cluster'),
      body: new NewClusterForm(model, trans),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Create'), ariaLabel: trans.__('Create the cluster') })
      ],
      // The name gets the focus as soon as it exists. JupyterLab sets the focus again when the page is idle. By then
      // the user may have moved on, so the element that has the focus keeps it.
      focusNodeSelector: ':focus'
    });
    this.addClass('jp-AfLab-dialog');
    this._create = create;
    this._model = model;
    model.changed.connect(this._checkModel, this);
    void model.load();
  }

  override dispose(): void {
    this._model.dispose();
    super.dispose();
  }

  override resolve(index = ACCEPT): void {
    if (index !== ACCEPT) {
      super.resolve(index);
    } else if (this._model.isValid && !this._submitting) {
      void this._submit();
    }
  }

  /** The model checks all fields together; the browser's own checks see one field at a time. */
  protected override _evtInput(): void {
    this._checkModel();
  }

  /** Keep the focus within the dialog: its first field does not exist yet when JupyterLab looks for it. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    const ends = [this._accept, this.node.querySelector('input')] as const;
    const [end, next] = event.shiftKey ? [ends[1], ends[0]] : ends;
    if (event.key === 'Tab' && this._model.isImpossible) {
      // There is nothing but the button that has the focus.
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === 'Tab' && document.activeElement === end && next?.disabled === false) {
      event.preventDefault();
      event.stopPropagation();
      next.focus();
    } else if (!isOwnKey(event)) {
      super._evtKeydown(event);
    }
  }

  private _checkModel(): void {
    const button = this._accept;
    if (!button) {
      return;
    }
    button.disabled = !this._model.isValid;
    if (this._model.isImpossible && !button.hidden) {
      button.hidden = true;
      // The fields are gone, and with them what had the focus.
      this.node.querySelector<HTMLButtonElement>('button.jp-mod-reject')?.focus();
    }
  }

  private get _accept(): HTMLButtonElement | null {
    return this.node.querySelector<HTMLButtonElement>('button.jp-mod-accept');
  }

  private async _submit(): Promise<void> {
    this._setSubmitting(true);
    try {
      await this._create(this._model.request);
      super.resolve(ACCEPT);
    } catch (error) {
      this._setSubmitting(false);
      this._model.setRefusal(asApiError(error));
    }
  }

  private _setSubmitting(submitting: boolean): void {
    this._submitting = submitting;
    this._model.setRefusal(null);
    this._accept?.setAttribute('aria-busy', String(submitting));
  }

  private readonly _create: INewClusterOptions['create'];
  private readonly _model: NewClusterModel;
  private _submitting = false;
}
