import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Fit, Match, Root, SiteMatch } from '../api';
import { Prose } from '../shared/prose';
import { explainRefusal } from '../shared/words';
import { matchWords } from './words';
import type { IDraft } from './draft';
import type { Matching } from './matching';

interface IProps {
  readonly matching: Matching;
  readonly draft: IDraft;
  readonly sites: Root['sites'];
  /** Request what a slot can run instead. */
  readonly onFit: (fit: Fit) => void;
  readonly trans: TranslationBundle;
}

/** What the pool has for the requested workers. */
export function MatchView({ matching, draft, sites, onFit, trans }: IProps): React.JSX.Element {
  const { answer, isCurrent, isPaused } = matching;
  const match = isPaused ? null : (answer?.match ?? null);
  return (
    <div className="jp-AfLab-match">
      <div aria-live="polite" aria-busy={!isCurrent && !isPaused}>
        {isPaused ? (
          <p>{trans.__('Correct the fields to see which slots of the pool match.')}</p>
        ) : match ? (
          <Summary match={match} draft={draft} trans={trans} />
        ) : (
          <p>
            {answer?.trouble ? (
              <Prose>{explainRefusal(answer.trouble, trans)}</Prose>
            ) : (
              trans.__('Querying the pool…')
            )}
          </p>
        )}
      </div>
      {match?.fits && isCurrent && <FitButton fit={match.fits} onFit={onFit} trans={trans} />}
      {match?.sites.some(({ site, ever }) => site !== null && ever > 0) && (
        <Sites matches={match.sites} sites={sites} trans={trans} />
      )}
    </div>
  );
}

function Summary({
  match,
  draft,
  trans
}: Pick<IProps, 'draft' | 'trans'> & { readonly match: Match }): React.JSX.Element {
  return match.ever === 0 ? (
    <p className="jp-AfLab-never">
      <Prose>{match.never.join(' ')}</Prose>
    </p>
  ) : (
    <p className="jp-AfLab-matches">{matchWords(match, Number(draft.cores), trans)}</p>
  );
}

function FitButton({
  fit,
  onFit,
  trans
}: Pick<IProps, 'onFit' | 'trans'> & { readonly fit: Fit }): React.JSX.Element {
  return (
    <button
      type="button"
      className="jp-AfLab-button jp-AfLab-useFit"
      title={trans.__('Fill in what the nearest slot of the pool can run')}
      onClick={({ currentTarget }) => {
        // This button goes; the focus stays in the form.
        currentTarget
          .closest('.jp-AfLab-form')
          ?.querySelector<HTMLElement>('[name=cores]')
          ?.focus();
        onFit(fit);
      }}
    >
      {trans.__('Ask for what fits')}
    </button>
  );
}

interface ISitesProps extends Pick<IProps, 'sites' | 'trans'> {
  readonly matches: readonly SiteMatch[];
}

function Sites({ matches, sites, trans }: ISitesProps): React.JSX.Element {
  const most = Math.max(...matches.map(({ ever }) => ever));
  return (
    <ul className="jp-AfLab-siteMatches" aria-label={trans.__('By site')}>
      {matches.map(({ site, now, ever }) => (
        <li key={site}>
          <span className="jp-AfLab-siteName">
            {site === null
              ? trans.__('elsewhere')
              : (sites.find(({ name }) => name === site)?.label ?? site)}
          </span>
          <span className="jp-AfLab-siteBar" aria-hidden="true">
            <span data-part="ever" style={{ width: `${(100 * ever) / most}%` }} />
            <span data-part="now" style={{ width: `${(100 * now) / most}%` }} />
          </span>
          <span className="jp-AfLab-siteCount">{trans.__('%1 now, %2 ever', now, ever)}</span>
        </li>
      ))}
    </ul>
  );
}
