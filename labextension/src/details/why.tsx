import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

import type { Explanation, SiteMatch } from '../api';
import { Prose } from '../shared/prose';

interface IProps {
  readonly told: Explanation;
  readonly trans: TranslationBundle;
}

/** Why workers wait or are on hold. */
export function Why({ told, trans }: IProps): React.JSX.Element {
  const heading = useId();
  return (
    <section className="jp-AfLab-why" aria-labelledby={heading}>
      <h3 id={heading}>{trans.__('Why workers are missing')}</h3>
      {told.summary && (
        <p className="jp-AfLab-summary">
          <Prose>{told.summary}</Prose>
        </p>
      )}
      {told.reasons.length > 0 && (
        <ul>
          {told.reasons.map(reason => (
            <li key={reason}>
              <Prose>{reason}</Prose>
            </li>
          ))}
        </ul>
      )}
      {told.sites.length > 0 && <Sites sites={told.sites} trans={trans} />}
    </section>
  );
}

function Sites({
  sites,
  trans
}: {
  readonly sites: readonly SiteMatch[];
  readonly trans: TranslationBundle;
}): React.JSX.Element {
  return (
    <table className="jp-AfLab-table jp-AfLab-sites">
      <caption>{trans.__('Jobs like these that fit into the pool')}</caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('Site')}</th>
          <th scope="col">{trans.__('Now')}</th>
          <th scope="col">{trans.__('Ever')}</th>
        </tr>
      </thead>
      <tbody>
        {sites.map(({ site, now, ever }) => (
          <tr key={site}>
            <th scope="row">{site ?? trans.__('elsewhere')}</th>
            <td>{now}</td>
            <td>{ever}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
