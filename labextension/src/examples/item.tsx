import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { Example } from '../api';
import { duration } from '../shared/duration';
import { Prose } from '../shared/prose';

interface IProps {
  readonly example: Example;
  readonly open: (id: string) => void;
  /** The URL of its picture; null if it does not have one. */
  readonly thumbnail: string | null;
  readonly trans: TranslationBundle;
}

/** An example: what it shows, what it requires, and what the default kernel lacks. */
export function ExampleItem({ example, open, thumbnail, trans }: IProps): React.JSX.Element {
  const { cores, data, description, framework, id, minutes, missing, remedy, title, topics } =
    example;
  const [isBroken, setBroken] = useState(false);
  return (
    <li className="jp-AfLab-example" data-example={id}>
      {thumbnail !== null && !isBroken && (
        <img
          src={thumbnail}
          alt={trans.__('Result of %1', title)}
          loading="lazy"
          onError={() => {
            setBroken(true);
          }}
        />
      )}
      <div className="jp-AfLab-row">
        <strong>{title}</strong>
        <span className="jp-AfLab-number">{duration(60_000 * minutes, trans)}</span>
      </div>
      <p>{description}</p>
      <p className="jp-AfLab-quiet">
        {trans._n('Takes %1 core. Data: %2.', 'Takes %1 cores. Data: %2.', cores, data)}
      </p>
      {missing.length > 0 && (
        <p className="jp-AfLab-missing">
          {trans.__('Your default kernel lacks %1.', missing.join(', '))}{' '}
          {remedy !== null && <Prose>{remedy}</Prose>}
        </p>
      )}
      <div className="jp-AfLab-row">
        <span className="jp-AfLab-exampleShows">
          <strong>{framework}</strong> {topics.join(', ')}
        </span>
        <button
          type="button"
          className="jp-AfLab-button jp-AfLab-open"
          aria-label={trans.__('Open %1 (%2)', title, framework)}
          title={trans.__('Open a copy of your own')}
          onClick={() => {
            open(id);
          }}
        >
          {trans.__('Open')}
        </button>
      </div>
    </li>
  );
}
