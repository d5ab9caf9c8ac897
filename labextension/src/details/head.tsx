import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { concern } from '../shared/concern';
import { ago } from '../shared/duration';
import { Prose } from '../shared/prose';
import type { IEntry } from '../tokens';
import { absentWords, explainRefusal, standingWord, tally } from '../shared/words';
import { environmentWords, exactTime, jobWords, whenItEnds } from './words';

interface IProps {
  readonly entry: IEntry;
  readonly gone: boolean;
  readonly now: number;
  readonly trans: TranslationBundle;
}

/** The cluster and its state. */
export function Head({ entry, gone, now, trans }: IProps): React.JSX.Element {
  const { cluster, problem } = entry;
  const state = gone ? 'ended' : entry.state;
  return (
    <div className="jp-AfLab-head" data-state={state} data-concern={gone ? null : concern(entry)}>
      <div className="jp-AfLab-title">
        <h2>{cluster.name}</h2>
        <span className="jp-AfLab-state">
          <span className="jp-AfLab-dot" aria-hidden="true" />
          {gone ? trans.__('gone') : standingWord(entry, trans)}
        </span>
      </div>
      {gone && (
        <p className="jp-AfLab-gone">
          {trans.__(
            'This cluster is gone. Below is its last known state. Its logs can no longer be read here.'
          )}
        </p>
      )}
      {cluster.reason && (
        <p className="jp-AfLab-reason">
          <Prose>{cluster.reason}</Prose>
        </p>
      )}
      {problem && (
        <p className="jp-AfLab-problem">
          <Prose>{explainRefusal(problem, trans)}</Prose>
        </p>
      )}
      <dl className="jp-AfLab-facts">
        <Fact name={trans.__('Workers')}>
          {trans.__('%1 connected', tally(entry, trans))}
          <Small>{absentWords(cluster.counts, trans)}</Small>
        </Fact>
        <Fact name={trans.__('Each job')}>{jobWords(cluster, trans)}</Fact>
        <Fact name={trans.__('Environment')}>
          {cluster.environment.kernel ?? cluster.environment.path}
          <Small>{environmentWords(cluster.environment, trans)}</Small>
        </Fact>
        <Fact name={trans.__('Created')}>
          <time dateTime={cluster.created}>{exactTime(cluster.created)}</time>
          <Small>{ago(now - Date.parse(cluster.created), trans)}</Small>
        </Fact>
        {!gone && <Fact name={trans.__('Ends')}>{whenItEnds(cluster, now, trans)}</Fact>}
      </dl>
    </div>
  );
}

function Fact({
  name,
  children
}: React.PropsWithChildren<{ readonly name: string }>): React.JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Small({ children }: { readonly children: string }): React.JSX.Element | null {
  return children === '' ? null : <span className="jp-AfLab-small">{children}</span>;
}
