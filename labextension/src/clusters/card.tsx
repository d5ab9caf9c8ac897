import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import React, { useEffect } from 'react';

import { type Change, canStartAgain, isLive, isOver } from '../api';
import { Prose } from '../shared/prose';
import type { IEntry } from '../tokens';
import { concern } from '../shared/concern';
import { Fold, type IFold } from '../shared/folds';
import { endWords, explainRefusal, standingWord, troubleWords, workWords } from '../shared/words';
import { Buttons, ChoicesButton } from './cardbuttons';
import { Bar } from './workersbar';
import { type Point, useDragging } from './dragging';
import { IconButton } from './iconbutton';
import { Tasks } from './progress';
import { PinMark } from './pinmark';
import { Scaling } from './scaling';
import { Sparkline } from './sparkline';

/** What can be done with a cluster. */
export interface ICardActions {
  readonly change: (name: string, change: Change) => void;
  readonly insertCode: (name: string) => void;
  readonly showDetails: (name: string) => void;
  readonly showPlots: (name: string) => void;
  /** The user begins to drag it. */
  readonly startDrag: (name: string, point: Point) => void;
  readonly startAgain: (name: string) => void;
  /** Create another cluster, in place of one whose jobs no slot can run. */
  readonly askForWhatFits: (name: string) => void;
  /** Open its menu below a button. */
  readonly openMenu: (name: string, button: HTMLElement) => void;
  /** Open a menu with numbers of workers below a button. */
  readonly openChoices: (name: string, button: HTMLElement) => void;
  readonly stop: (name: string) => void;
}

interface IProps {
  readonly entry: IEntry;
  readonly actions: ICardActions;
  /** Whether the plots of this cluster are shown. */
  readonly isFollowed: boolean;
  /** Whether it comes up with JupyterLab. */
  readonly isPinned: boolean;
  /** Null if the card is not compact: it shows everything. */
  readonly fold: IFold | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Load what happened to a cluster before this page was open. */
  readonly recall: (name: string) => void;
  readonly trans: TranslationBundle;
}

export function Card(props: IProps): React.JSX.Element {
  const { entry, fold, isFollowed, trans } = props;
  const { state } = entry;
  const { name } = entry.cluster;
  const isBrief = fold !== null && !fold.isOpen;
  return (
    <li
      className="jp-AfLab-card"
      data-cluster={name}
      data-state={state}
      data-concern={concern(entry)}
      data-compact={isBrief}
      aria-current={isFollowed}
      aria-label={trans.__('Cluster %1', name)}
    >
      <Title {...props} />
      {(isLive(state) || state === 'stopping') && <Bar entry={entry} trans={trans} />}
      {state === 'running' && <Tasks entry={entry} isBrief={isBrief} trans={trans} />}
      {isBrief ? isUrgent(entry) && <Lines {...props} /> : <Body {...props} />}
    </li>
  );
}

/** Whether also a compact card explains what is wrong. */
function isUrgent(entry: IEntry): boolean {
  return entry.problem !== null || concern(entry) !== null || canStartAgain(entry.state);
}

function Body(props: IProps): React.JSX.Element {
  const { entry, actions, now, recall, trans } = props;
  const { cluster, history, state } = entry;
  const { name } = cluster;
  const live = isLive(state);
  useEffect(() => {
    if (live) {
      recall(name);
    }
  }, [cluster.id, live, name, recall]);
  return (
    <>
      {isOver(state) ? (
        <div className="jp-AfLab-over">
          <Lines {...props} />
          <IconButton
            className="jp-AfLab-remove"
            icon={closeIcon}
            title={trans.__('Remove it from the list')}
            label={trans.__('Remove %1 from the list', name)}
            onClick={() => {
              actions.stop(name);
            }}
          />
        </div>
      ) : (
        <Lines {...props} />
      )}
      {live && (
        <Scaling
          entry={entry}
          change={change => {
            actions.change(name, change);
          }}
          choices={<ChoicesButton entry={entry} actions={actions} trans={trans} />}
          trans={trans}
        />
      )}
      {live && history.length > 0 && <Sparkline history={history} now={now} trans={trans} />}
      <Buttons entry={entry} actions={actions} trans={trans} />
    </>
  );
}

function Title({ entry, actions, fold, isPinned, trans }: IProps): React.JSX.Element {
  const { state } = entry;
  const { name } = entry.cluster;
  const dragging = useDragging(point => {
    actions.startDrag(name, point);
  });
  return (
    <div className="jp-AfLab-title">
      {fold && <Fold name={name} {...fold} trans={trans} />}
      {isLive(state) ? (
        <span
          className="jp-AfLab-name jp-mod-draggable"
          title={trans.__('Drag it into a notebook, a console or a script')}
          {...dragging}
        >
          {name}
        </span>
      ) : (
        <span className="jp-AfLab-name">{name}</span>
      )}
      {isPinned && <PinMark trans={trans} />}
      <span className="jp-AfLab-state">
        <span className="jp-AfLab-dot" aria-hidden="true" />
        {standingWord(entry, trans)}
      </span>
    </div>
  );
}

/** Explains the state of the cluster; brief if all is well. */
function Lines({ entry, actions, now, trans }: IProps): React.JSX.Element {
  const { cluster, state, problem, why } = entry;
  const live = isLive(state);
  const work = live ? workWords(entry, trans) : '';
  const notes = live ? [endWords(cluster, now, trans), troubleWords(cluster, now, trans)] : [];
  return (
    <div className="jp-AfLab-lines">
      {work && (
        <p className="jp-AfLab-work" aria-hidden="true">
          {work}
        </p>
      )}
      {live && why?.summary && (
        <button
          type="button"
          className="jp-AfLab-why"
          title={[...why.reasons, trans.__('Click for details')].join('\n')}
          aria-label={trans.__('Why workers of %1 are missing: %2', cluster.name, why.summary)}
          onClick={() => {
            actions.showDetails(cluster.name);
          }}
        >
          {why.summary}
          <span aria-hidden="true"> ▸</span>
        </button>
      )}
      {cluster.reason && (
        <p className="jp-AfLab-reason">
          <Prose>{cluster.reason}</Prose>
        </p>
      )}
      {notes.filter(Boolean).map(note => (
        <p key={note} className="jp-AfLab-note">
          <Prose>{note}</Prose>
        </p>
      ))}
      {problem && (
        <p className="jp-AfLab-problem">
          <Prose>{explainRefusal(problem, trans)}</Prose>
        </p>
      )}
    </div>
  );
}
