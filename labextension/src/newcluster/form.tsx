import type { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import type { ApiError, NewCluster, Root } from '../api';
import { Prose } from '../shared/prose';
import { explain, explainRefusal } from '../shared/words';
import { workersHint } from './words';
import { Field, FieldGroup, Refusal } from './field';
import { MatchView } from './matchpreview';
import type { NewClusterModel } from './model';
import { OriginNotes } from './originnotes';
import { ShapeFields } from './shapefields';

/** The form for a new cluster. */
export class NewClusterForm extends ReactWidget implements Dialog.IBodyWidget<NewCluster> {
  constructor(
    private readonly _model: NewClusterModel,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-form');
  }

  getValue(): NewCluster {
    return this._model.request;
  }

  protected override render(): React.JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() => <Form model={this._model} trans={this._trans} />}
      </UseSignal>
    );
  }
}

interface IProps {
  readonly model: NewClusterModel;
  readonly trans: TranslationBundle;
}

function Form({ model, trans }: IProps): React.JSX.Element {
  const { refusal, root, trouble } = model;
  if (trouble && model.isImpossible) {
    return <Impossible trouble={trouble} trans={trans} />;
  }
  return (
    <>
      <div className="jp-AfLab-first">
        <Name model={model} trans={trans} />
        <Workers model={model} trans={trans} />
      </div>
      {root ? (
        <Offer model={model} root={root} trans={trans} />
      ) : (
        <NoOffer model={model} trans={trans} />
      )}
      <Refusal>{refusal}</Refusal>
    </>
  );
}

function Name({ model, trans }: IProps): React.JSX.Element {
  return (
    <Field field="name" label={trans.__('Name')} wrong={model.wrong.name}>
      {control => (
        <input
          {...control}
          className="jp-mod-styled"
          name="name"
          autoFocus
          autoComplete="off"
          spellCheck={false}
          required
          value={model.draft.name}
          onFocus={event => {
            event.target.select();
          }}
          onChange={event => {
            model.edit({ name: event.target.value });
          }}
        />
      )}
    </Field>
  );
}

function Workers({ model, trans }: IProps): React.JSX.Element {
  const { adaptive } = model.draft;
  return (
    <FieldGroup
      field="workers"
      label={trans.__('Workers')}
      hint={workersHint(adaptive, model.root?.limits, trans)}
      wrong={model.wrong.workers}
    >
      {control => {
        const count = (name: 'workers' | 'minimum' | 'maximum'): React.JSX.Element => (
          <input
            {...control}
            className="jp-mod-styled"
            name={name}
            type="number"
            min={0}
            step={1}
            aria-label={name === 'workers' ? trans.__('Workers') : undefined}
            value={model.draft[name]}
            onChange={event => {
              model.edit({ [name]: event.target.value });
            }}
          />
        );
        return (
          <>
            {adaptive ? (
              <>
                <label>
                  {trans.__('from')} {count('minimum')}
                </label>
                <label>
                  {trans.__('to')} {count('maximum')}
                </label>
              </>
            ) : (
              count('workers')
            )}
            <label>
              <input
                name="adaptive"
                type="checkbox"
                checked={adaptive}
                onChange={event => {
                  model.edit({ adaptive: event.target.checked });
                }}
              />
              {trans.__('Adaptive')}
            </label>
          </>
        );
      }}
    </FieldGroup>
  );
}

function Offer({ model, root, trans }: IProps & { readonly root: Root }): React.JSX.Element {
  const { draft, dropped, matching, repeated } = model;
  return (
    <>
      {dropped && (
        <p className="jp-AfLab-never" role="status">
          {trans.__('Your last choice is not repeated, because no slot matches it: %1.', dropped)}
        </p>
      )}
      {model.origin ? (
        <OriginNotes model={model} origin={model.origin} trans={trans} />
      ) : (
        repeated && (
          <p className="jp-AfLab-hint">{trans.__('As in your last choice: %1.', repeated)}</p>
        )
      )}
      {model.fitted && (
        <p className="jp-AfLab-fitted" role="status">
          {trans.__('Changed so that a slot of the pool can run it: %1.', model.fitted)}
        </p>
      )}
      <ShapeFields model={model} root={root} trans={trans} />
      <UseSignal signal={matching.changed}>
        {() => (
          <MatchView
            matching={matching}
            draft={draft}
            sites={root.sites}
            onFit={fit => {
              model.useFit(fit);
            }}
            trans={trans}
          />
        )}
      </UseSignal>
    </>
  );
}

/** Instead of the fields: the server cannot create a cluster, whatever they say. */
function Impossible({
  trouble,
  trans
}: {
  trouble: ApiError;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { title, text } = explain(trouble, trans);
  return (
    <div className="jp-AfLab-noOffer" role="alert">
      <strong>{title}</strong>
      <p>
        <Prose>{text}</Prose>
      </p>
    </div>
  );
}

function NoOffer({ model, trans }: IProps): React.JSX.Element {
  const { trouble } = model;
  return trouble ? (
    <div className="jp-AfLab-noOffer" role="status">
      <p>
        <Prose>{explainRefusal(trouble, trans)}</Prose>
      </p>
      <p>
        {trans.__(
          'The facility’s options could not be loaded. The cluster gets the defaults, also for the number of workers if you leave it empty.'
        )}
      </p>
    </div>
  ) : (
    <p className="jp-AfLab-loading">{trans.__('Loading the facility’s options…')}</p>
  );
}
