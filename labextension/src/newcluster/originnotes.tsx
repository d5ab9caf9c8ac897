import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { roughSize } from '../shared/size';
import type { NewClusterModel } from './model';
import type { IOrigin } from './origin';

interface IProps {
  readonly model: NewClusterModel;
  readonly origin: IOrigin;
  readonly trans: TranslationBundle;
}

/** What the form has of another cluster, and what it has not. */
export function OriginNotes({ model, origin, trans }: IProps): React.JSX.Element {
  const { name, variables } = origin;
  const { kept, repeated } = model;
  const { disk } = kept;
  const more = [
    typeof disk === 'number' &&
      disk !== model.root?.defaults.disk &&
      trans.__('%1 of disk per job', roughSize(disk)),
    ...Object.entries(kept.submit ?? {}).map(([key, value]) => `${key} = ${value}`)
  ].filter(part => typeof part === 'string');
  const words = [repeated, ...more].filter(Boolean).join(', ');
  return (
    <>
      <p className="jp-AfLab-hint">
        {words === ''
          ? trans.__('As in %1, which has the usual values.', name)
          : trans.__('As in %1: %2.', name, words)}
      </p>
      {variables.length > 0 && (
        <p className="jp-AfLab-never" role="status">
          {trans.__(
            'Not copied, because their values are not kept: the environment variables %1. “Copy as Python” in the menu of the cluster has their names.',
            variables.join(', ')
          )}
        </p>
      )}
    </>
  );
}
