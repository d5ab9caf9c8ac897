import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, codeIcon, type LabIcon, stopIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { isLive, isOver } from '../api';
import type { IEntry } from '../tokens';
import { absentWords, explainRefusal, stateWord } from '../words';
import { Bar } from './bar';
import { Prose } from '../prose';
import { Stepper } from './stepper';

/** What can be done with a cluster. */
export interface ICardActions {
  readonly insertCode: (name: string) => void;
  readonly scale: (name: string, workers: number) => void;
  readonly stop: (name: string) => void;
}

interface IProps {
  readonly entry: IEntry;
  readonly actions: ICardActions;
  readonly trans: TranslationBundle;
}

export function Card({ entry, actions, trans }: IProps): React.JSX.Element {
  const { cluster, state } = entry;
  const { name } = cluster;
  const over = isOver(state);
  return (
    <li
      className="jp-AfLab-card"
      data-cluster={name}
      data-state={state}
      aria-label={trans.__('Cluster %1', name)}
    >
      <div className="jp-AfLab-title">
        <span className="jp-AfLab-name">{name}</span>
        <span className="jp-AfLab-state">
          <span className="jp-AfLab-dot" aria-hidden="true" />
          {stateWord(state, trans)}
        </span>
      </div>
      {!over && <Bar entry={entry} trans={trans} />}
      {over ? (
        <div className="jp-AfLab-over">
          <Lines entry={entry} trans={trans} />
          <IconButton
            className="jp-AfLab-remove"
            icon={closeIcon}
            title={trans.__('Take it off the list')}
            label={trans.__('Take %1 off the list', name)}
            onClick={() => {
              actions.stop(name);
            }}
          />
        </div>
      ) : (
        <Lines entry={entry} trans={trans} />
      )}
      {isLive(state) && <Controls entry={entry} actions={actions} trans={trans} />}
    </li>
  );
}

function Controls({ entry, actions, trans }: IProps): React.JSX.Element {
  const { name } = entry.cluster;
  return (
    <div className="jp-AfLab-controls">
      <Stepper
        name={name}
        value={entry.wanted}
        saving={entry.saving}
        onChange={workers => {
          actions.scale(name, workers);
        }}
        trans={trans}
      />
      <IconButton
        className="jp-AfLab-insert"
        icon={codeIcon}
        title={trans.__('Insert the code that connects to it')}
        label={trans.__('Insert the code that connects to %1', name)}
        onClick={() => {
          actions.insertCode(name);
        }}
      />
      <IconButton
        className="jp-AfLab-stop"
        icon={stopIcon}
        title={trans.__('Stop…')}
        label={trans.__('Stop %1…', name)}
        onClick={() => {
          actions.stop(name);
        }}
      />
    </div>
  );
}

/** Why things are as they are; nothing when they are as they should be. */
function Lines({ entry, trans }: Pick<IProps, 'entry' | 'trans'>): React.JSX.Element {
  const { cluster, state, problem } = entry;
  const missing = isLive(state) ? absentWords(cluster.counts, trans) : '';
  return (
    <div className="jp-AfLab-lines">
      {missing && (
        <p className="jp-AfLab-absent" aria-hidden="true">
          {missing}
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
    </div>
  );
}

interface IIconButtonProps {
  readonly className: string;
  readonly icon: LabIcon;
  readonly label: string;
  readonly onClick: () => void;
  readonly title: string;
}

function IconButton({
  className,
  icon,
  label,
  onClick,
  title
}: IIconButtonProps): React.JSX.Element {
  return (
    <button
      type="button"
      className={`jp-AfLab-iconButton ${className}`}
      aria-label={label}
      title={title}
      onClick={onClick}
    >
      <icon.react tag="span" width="20px" height="20px" />
    </button>
  );
}
