import type { TranslationBundle } from '@jupyterlab/translation';
import {
  caretDownEmptyThinIcon,
  codeIcon,
  ellipsesIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import React from 'react';

import { canRunAgain, isLive, isOver } from '../api';
import { concern } from '../shared/concern';
import type { IEntry } from '../tokens';
import type { ICardActions } from './card';
import { IconButton } from './iconbutton';

interface IProps {
  readonly entry: IEntry;
  readonly actions: ICardActions;
  readonly trans: TranslationBundle;
}

/** What can be done with a cluster, below its card. */
export function Buttons(props: IProps): React.JSX.Element | null {
  const { entry, actions, trans } = props;
  const { state } = entry;
  const { name } = entry.cluster;
  if (state === 'stopping') {
    return null;
  }
  return (
    <div className="jp-AfLab-controls">
      {isLive(state) && <UseButtons {...props} />}
      {concern(entry) === 'never' && (
        <button
          type="button"
          className="jp-AfLab-button jp-AfLab-askForWhatFits"
          aria-label={trans.__('Ask for what fits in place of %1', name)}
          title={trans.__('Create another cluster whose jobs a slot of the pool can run')}
          onClick={() => {
            actions.askForWhatFits(name);
          }}
        >
          {trans.__('Ask for what fits')}
        </button>
      )}
      {canRunAgain(state) && (
        <button
          type="button"
          className="jp-AfLab-button jp-AfLab-startAgain"
          aria-label={trans.__('Start %1 again', name)}
          title={
            state === 'ended'
              ? trans.__('Create it again, with the same name and the same values')
              : trans.__('Release its job: the scheduler starts again, and requests new workers')
          }
          onClick={() => {
            actions.startAgain(name);
          }}
        >
          {trans.__('Start again')}
        </button>
      )}
      <button
        type="button"
        className="jp-AfLab-button jp-AfLab-showDetails"
        aria-label={trans.__('Details of %1', name)}
        title={trans.__('Show its jobs, history and logs')}
        onClick={() => {
          actions.showDetails(name);
        }}
      >
        {trans.__('Details')}
      </button>
      <div className="jp-AfLab-lastControls">
        <MenuButton
          className="jp-AfLab-openMenu"
          icon={ellipsesIcon}
          label={trans.__('More for %1', name)}
          title={trans.__('Copy, share, start with JupyterLab')}
          open={button => {
            actions.openMenu(name, button);
          }}
        />
        {!isOver(state) && (
          <IconButton
            className="jp-AfLab-stop"
            icon={stopIcon}
            title={trans.__('Stop…')}
            label={trans.__('Stop %1…', name)}
            onClick={() => {
              actions.stop(name);
            }}
          />
        )}
      </div>
    </div>
  );
}

function UseButtons({ entry, actions, trans }: IProps): React.JSX.Element {
  const { name } = entry.cluster;
  return (
    <>
      <IconButton
        className="jp-AfLab-insert"
        icon={codeIcon}
        title={trans.__('Insert the code that connects to it')}
        label={trans.__('Insert the code that connects to %1', name)}
        onClick={() => {
          actions.insertCode(name);
        }}
      />
      <button
        type="button"
        className="jp-AfLab-button jp-AfLab-showPlots"
        aria-label={trans.__('Plots of %1', name)}
        title={trans.__('Show progress, task stream and memory beside the notebook')}
        onClick={() => {
          actions.showPlots(name);
        }}
      >
        {trans.__('Plots')}
      </button>
    </>
  );
}

/** The button that opens the numbers of workers to choose from. */
export function ChoicesButton({ entry, actions, trans }: IProps): React.JSX.Element {
  const { name } = entry.cluster;
  return (
    <MenuButton
      className="jp-AfLab-openChoices"
      icon={caretDownEmptyThinIcon}
      label={trans.__('Choose a number of workers of %1', name)}
      title={trans.__('All that is free, double, none')}
      open={button => {
        actions.openChoices(name, button);
      }}
    />
  );
}

interface IMenuButtonProps {
  readonly className: string;
  readonly icon: typeof ellipsesIcon;
  readonly label: string;
  readonly title: string;
  readonly open: (button: HTMLElement) => void;
}

function MenuButton({ className, icon, label, title, open }: IMenuButtonProps): React.JSX.Element {
  return (
    <button
      type="button"
      className={`jp-AfLab-iconButton ${className}`}
      aria-haspopup="menu"
      aria-label={label}
      title={title}
      onClick={({ currentTarget }) => {
        open(currentTarget);
      }}
    >
      <icon.react tag="span" width="16px" height="16px" />
    </button>
  );
}
