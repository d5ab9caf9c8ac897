import React, { useEffect, useId, useRef } from 'react';

import { Prose } from '../shared/prose';
import type { FieldName } from './validate';

/** The attributes that connect a control to its label and to the text below it. */
export interface IControl {
  readonly id: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
}

interface IProps {
  readonly field: FieldName;
  readonly label: string;
  /** Shown if nothing is wrong. */
  readonly hint?: string | undefined;
  /** What is wrong. */
  readonly wrong: string | undefined;
}

interface IFieldProps extends IProps {
  readonly children: (control: IControl) => React.JSX.Element;
}

/** One control with its label, and below it what is wrong, or a hint. */
export function Field({ field, label, hint, wrong, children }: IFieldProps): React.JSX.Element {
  const id = useId();
  return (
    <div className="jp-AfLab-field" data-field={field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-words`, 'aria-invalid': Boolean(wrong) })}
      <Words id={`${id}-words`} hint={hint} wrong={wrong} />
    </div>
  );
}

interface IGroupProps extends IProps {
  readonly children: (control: Omit<IControl, 'id'>) => React.ReactNode;
}

/** Several controls that form one field. */
export function FieldGroup({
  field,
  label,
  hint,
  wrong,
  children
}: IGroupProps): React.JSX.Element {
  const id = useId();
  return (
    <fieldset className="jp-AfLab-field" data-field={field}>
      <legend>{label}</legend>
      <div className="jp-AfLab-choices">
        {children({ 'aria-describedby': `${id}-words`, 'aria-invalid': Boolean(wrong) })}
      </div>
      <Words id={`${id}-words`} hint={hint} wrong={wrong} />
    </fieldset>
  );
}

function Words({
  id,
  hint,
  wrong
}: Pick<IProps, 'hint' | 'wrong'> & { readonly id: string }): React.JSX.Element {
  return (
    <div id={id}>
      <p className="jp-AfLab-hint">{!wrong && hint}</p>
      <Refusal>{wrong}</Refusal>
    </div>
  );
}

/** What is wrong, scrolled into view. */
export function Refusal({
  children
}: {
  readonly children: string | null | undefined;
}): React.JSX.Element {
  const node = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (children) {
      node.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [children]);
  return (
    <p className="jp-AfLab-refusal" role="alert" ref={node}>
      {children && <Prose>{children}</Prose>}
    </p>
  );
}
