import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { pinIcon } from '../shared/icons';

/** Says that a cluster comes up with JupyterLab. */
export function PinMark({ trans }: { readonly trans: TranslationBundle }): React.JSX.Element {
  const words = trans.__('Starts with JupyterLab');
  return (
    <span className="jp-AfLab-pin" role="img" aria-label={words} title={words}>
      <pinIcon.react tag="span" width="14px" height="14px" />
    </span>
  );
}
