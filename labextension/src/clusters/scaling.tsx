import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Adapt, Change } from '../api';
import type { IEntry } from '../tokens';
import { Count } from './numberinput';
import { Stepper } from './stepper';

interface IProps {
  readonly entry: IEntry;
  readonly change: (change: Change) => void;
  readonly trans: TranslationBundle;
}

/** How many workers a cluster has: a number, or a range in which it scales itself. */
export function Scaling({ entry, change, trans }: IProps): React.JSX.Element {
  const { adapt, cluster, saving, wanted } = entry;
  const { name } = cluster;
  return (
    <div className="jp-AfLab-scaling">
      {adapt ? (
        <Range name={name} adapt={adapt} saving={saving} change={change} trans={trans} />
      ) : (
        <Stepper
          name={name}
          value={wanted}
          saving={saving}
          onChange={workers => {
            change({ workers });
          }}
          trans={trans}
        />
      )}
      <label
        className="jp-AfLab-adaptive"
        title={trans.__('Have as many workers as there is work for, within limits')}
      >
        <input
          type="checkbox"
          aria-label={trans.__('adaptive number of workers of %1', name)}
          checked={adapt !== null}
          onChange={event => {
            change(event.target.checked ? { adapt: firstRange(entry) } : { workers: wanted });
          }}
        />
        {trans.__('adaptive')}
      </label>
    </div>
  );
}

/** The range of a cluster that begins to scale itself: what it was made with, or up to what it has. */
export function firstRange({ cluster, wanted }: IEntry): Adapt {
  return cluster.spec.adapt ?? { minimum: 0, maximum: Math.max(wanted, 1) };
}

interface IRangeProps {
  readonly name: string;
  readonly adapt: Adapt;
  readonly saving: boolean;
  readonly change: (change: Change) => void;
  readonly trans: TranslationBundle;
}

function Range({ name, adapt, saving, change, trans }: IRangeProps): React.JSX.Element {
  const { minimum, maximum } = adapt;
  return (
    <div
      className="jp-AfLab-range"
      role="group"
      aria-label={trans.__('Range in which %1 scales itself', name)}
    >
      <Count
        className="jp-AfLab-minimum"
        label={trans.__('Workers at least for %1', name)}
        title={trans.__('Workers at least')}
        value={minimum}
        saving={saving}
        onChange={value => {
          change({ adapt: { minimum: value, maximum: Math.max(value, maximum) } });
        }}
      />
      <span aria-hidden="true">–</span>
      <Count
        className="jp-AfLab-maximum"
        label={trans.__('Workers at most for %1', name)}
        title={trans.__('Workers at most')}
        value={maximum}
        saving={saving}
        onChange={value => {
          change({ adapt: { minimum: Math.min(minimum, value), maximum: value } });
        }}
      />
    </div>
  );
}
