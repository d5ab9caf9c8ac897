import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Adapt, Change } from '../api';
import type { IEntry } from '../tokens';
import { Count } from './numberinput';
import { Stepper } from './stepper';

interface IProps {
  readonly entry: IEntry;
  readonly change: (change: Change) => void;
  /** Opens numbers to choose from. */
  readonly choices: React.JSX.Element;
  readonly trans: TranslationBundle;
}

/** How many workers a cluster has: a number, or a range in which it scales itself. */
export function Scaling({ entry, change, choices, trans }: IProps): React.JSX.Element {
  const { adapt, cluster, saving, wanted } = entry;
  const { name } = cluster;
  return (
    <div className="jp-AfLab-scaling">
      {adapt ? (
        <Range name={name} adapt={adapt} saving={saving} change={change} trans={trans} />
      ) : (
        <div className="jp-AfLab-number">
          <Stepper
            name={name}
            value={wanted}
            saving={saving}
            onChange={workers => {
              change({ workers });
            }}
            trans={trans}
          />
          {choices}
        </div>
      )}
      <label
        className="jp-AfLab-adaptive"
        title={trans.__('Scale the number of workers with the work, within limits')}
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

/** The first range of adaptive scaling: that of the specification, or from 0 to the present number. */
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
        label={trans.__('Minimum number of workers of %1', name)}
        title={trans.__('Minimum number of workers')}
        value={minimum}
        saving={saving}
        onChange={value => {
          change({ adapt: { minimum: value, maximum: Math.max(value, maximum) } });
        }}
      />
      <span aria-hidden="true">–</span>
      <Count
        className="jp-AfLab-maximum"
        label={trans.__('Maximum number of workers of %1', name)}
        title={trans.__('Maximum number of workers')}
        value={maximum}
        saving={saving}
        onChange={value => {
          change({ adapt: { minimum: Math.min(minimum, value), maximum: value } });
        }}
      />
    </div>
  );
}
