import type { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import type { ApiError, INewCluster } from '../api';
import { Prose } from '../prose';
import { explainRefusal } from '../words';

/** What the server takes for a name; an HTML pattern, so it holds for the whole. */
const NAME = '[A-Za-z0-9][A-Za-z0-9_.\\-]{0,62}';

/** The code of the refusal that is about the name. */
const TAKEN = 'ClusterExists';

/** What is typed, as it is typed. */
interface IDraft {
  readonly name: string;
  readonly workers: string;
}

/** What a new cluster needs. */
export class NewClusterForm extends ReactWidget implements Dialog.IBodyWidget<INewCluster> {
  constructor(
    suggestion: INewCluster,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-form');
    this._draft = { name: suggestion.name, workers: String(suggestion.workers) };
  }

  get isValid(): boolean {
    return isName(this._draft.name) && isNumber(this._draft.workers);
  }

  getValue(): INewCluster {
    return { name: this._draft.name, workers: Number(this._draft.workers) };
  }

  /** Show why the server did not take it, or no longer. */
  setRefusal(refusal: ApiError | null): void {
    this._refusal = refusal;
    this.update();
  }

  protected override render(): React.JSX.Element {
    return (
      <Fields
        initial={this._draft}
        refusal={this._refusal}
        onChange={draft => {
          this._draft = draft;
          this.setRefusal(null);
        }}
        trans={this._trans}
      />
    );
  }

  private _draft: IDraft;
  private _refusal: ApiError | null = null;
}

interface IFieldsProps {
  readonly initial: IDraft;
  readonly refusal: ApiError | null;
  readonly onChange: (draft: IDraft) => void;
  readonly trans: TranslationBundle;
}

function Fields({ initial, refusal, onChange, trans }: IFieldsProps): React.JSX.Element {
  const [draft, setDraft] = useState(initial);
  const set = (part: Partial<IDraft>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    onChange(next);
  };
  const taken = refusal?.code === TAKEN;
  const words = refusal && explainRefusal(refusal, trans);
  return (
    <>
      <Field
        label={trans.__('Name')}
        hint={trans.__('Letters, digits, “_”, “.” and “-”, at most 63; a letter or a digit first.')}
        error={taken ? words : null}
        invalid={taken || !isName(draft.name)}
        input={{
          name: 'name',
          autoFocus: true,
          pattern: NAME,
          required: true,
          autoComplete: 'off',
          spellCheck: false,
          value: draft.name,
          onFocus: event => {
            event.target.select();
          },
          onChange: event => {
            set({ name: event.target.value });
          }
        }}
      />
      <Field
        label={trans.__('Workers')}
        hint={trans.__('Each is one process on one core. The number can be changed at any time.')}
        error={null}
        invalid={!isNumber(draft.workers)}
        input={{
          name: 'workers',
          type: 'number',
          min: 0,
          step: 1,
          required: true,
          value: draft.workers,
          onChange: event => {
            set({ workers: event.target.value });
          }
        }}
      />
      <p className="jp-AfLab-refusal" role="alert">
        {!taken && words && <Prose>{words}</Prose>}
      </p>
    </>
  );
}

interface IFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly error: string | null;
  readonly invalid: boolean;
  readonly input: React.InputHTMLAttributes<HTMLInputElement>;
}

function Field({ label, hint, error, invalid, input }: IFieldProps): React.JSX.Element {
  const id = useId();
  return (
    <div className="jp-AfLab-field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        className="jp-mod-styled"
        aria-invalid={invalid}
        aria-describedby={`${id}-hint ${id}-error`}
      />
      <p id={`${id}-hint`} className="jp-AfLab-hint">
        {hint}
      </p>
      <p id={`${id}-error`} className="jp-AfLab-refusal" role="alert">
        {error && <Prose>{error}</Prose>}
      </p>
    </div>
  );
}

function isName(text: string): boolean {
  return new RegExp(`^(?:${NAME})$`).test(text);
}

function isNumber(text: string): boolean {
  return /^\d{1,6}$/.test(text);
}
