import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ApiError } from '../api';
import { Prose } from '../shared/prose';
import { explain } from '../shared/words';

interface IProps {
  readonly error: ApiError | null;
  readonly trans: TranslationBundle;
}

/** What went wrong with a part of the details, and what to do. */
export function Trouble({ error, trans }: IProps): React.JSX.Element | null {
  if (!error) {
    return null;
  }
  const { title, text } = explain(error, trans);
  return (
    <div className="jp-AfLab-trouble">
      <strong>{title}</strong>
      <p>
        <Prose>{text}</Prose>
      </p>
    </div>
  );
}
