import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { callsLeft } from '../api';
import { IconButton } from '../clusters/iconbutton';
import { Fold, type IFold } from '../shared/folds';
import { Prose } from '../shared/prose';
import { explainRefusal } from '../shared/words';
import type { IRunEntry } from '../tokens';
import { RunBar } from './bar';
import { originWords, runWord } from './words';

/** What can be done with a run. */
export interface IRunActions {
  readonly cancelRun: (name: string) => void;
  readonly runAgain: (name: string) => void;
  readonly removeRun: (name: string) => void;
  readonly showRunLog: (name: string) => void;
}

interface IProps {
  readonly entry: IRunEntry;
  readonly actions: IRunActions;
  /** Null if the card is not compact: it shows everything. */
  readonly fold: IFold | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly trans: TranslationBundle;
}

/** A run: how far it is, and why it does not get on. */
export function RunCard(props: IProps): React.JSX.Element {
  const { entry, fold, now, trans } = props;
  const { change, problem, run } = entry;
  const isBrief = fold !== null && !fold.isOpen;
  const isLeaving = change === 'cancel' || change === 'remove';
  return (
    <li
      className="jp-AfLab-card jp-AfLab-run"
      data-run={run.name}
      data-compact={isBrief}
      data-state={isLeaving ? 'stopping' : run.state}
      aria-label={trans.__('Run %1', run.name)}
    >
      <div className="jp-AfLab-title">
        {fold && <Fold name={run.name} {...fold} trans={trans} />}
        <span className="jp-AfLab-name">{run.name}</span>
        <span className="jp-AfLab-state">
          <span className="jp-AfLab-dot" aria-hidden="true" />
          {runWord(entry, trans)}
        </span>
      </div>
      <RunBar run={run} isBrief={isBrief} trans={trans} />
      {run.reason && (
        <p className="jp-AfLab-reason">
          <Prose>{run.reason}</Prose>
        </p>
      )}
      {problem && (
        <p className="jp-AfLab-problem">
          <Prose>{explainRefusal(problem, trans)}</Prose>
        </p>
      )}
      {!isBrief && <p className="jp-AfLab-note">{originWords(run, now, trans)}</p>}
      {!isBrief && change !== 'remove' && <Buttons {...props} />}
    </li>
  );
}

function Buttons({ entry, actions, trans }: Omit<IProps, 'fold' | 'now'>): React.JSX.Element {
  const { change, run } = entry;
  const { name } = run;
  return (
    <div className="jp-AfLab-controls">
      <button
        type="button"
        className="jp-AfLab-button jp-AfLab-runLog"
        aria-label={trans.__('Log of %1', name)}
        title={trans.__('Show the tasks that failed, and their logs')}
        onClick={() => {
          actions.showRunLog(name);
        }}
      >
        {trans.__('Log')}
      </button>
      {run.progress.erred > 0 && change === null && (
        <button
          type="button"
          className="jp-AfLab-button jp-AfLab-runAgain"
          aria-label={trans.__('Run again what failed of %1', name)}
          title={trans.__('Run the calls again that failed or were cancelled')}
          onClick={() => {
            actions.runAgain(name);
          }}
        >
          {trans.__('Run again')}
        </button>
      )}
      {callsLeft(run) > 0 && change !== 'cancel' && (
        <button
          type="button"
          className="jp-AfLab-button jp-AfLab-cancelRun"
          aria-label={trans.__('Cancel %1…', name)}
          title={trans.__('Remove its jobs; the results that it has stay')}
          onClick={() => {
            actions.cancelRun(name);
          }}
        >
          {trans.__('Cancel…')}
        </button>
      )}
      <IconButton
        className="jp-AfLab-stop jp-AfLab-removeRun"
        icon={closeIcon}
        title={trans.__('Remove it, with its results…')}
        label={trans.__('Remove %1…', name)}
        onClick={() => {
          actions.removeRun(name);
        }}
      />
    </div>
  );
}
