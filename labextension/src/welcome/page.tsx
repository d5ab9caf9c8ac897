import type { TranslationBundle } from '@jupyterlab/translation';
import { notebookIcon, runIcon, UseSignal } from '@jupyterlab/ui-components';
import type { LabIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import type { Example } from '../api';
import { glanceWords } from '../pool/words';
import { duration } from '../shared/duration';
import { clusterIcon } from '../shared/icons';
import type { IFacility } from '../tokens';
import { OWN_NOTEBOOK } from './code';
import { WorkersPicture } from './picture';

/** What can be done on the page. */
export interface IWelcomeActions {
  /** Open an example by its id, or let the user choose one. */
  readonly openExample: (id: string | null) => void;
  readonly showExamples: () => void;
  readonly createCluster: () => void;
  readonly showClusters: () => void;
  /** Open a new notebook that begins with some code. */
  readonly openNotebook: (code: string) => void;
  readonly copy: (code: string) => void;
}

export interface IWelcomePageProps {
  readonly actions: IWelcomeActions;
  readonly facility: IFacility;
  readonly trans: TranslationBundle;
}

/** The page for newcomers: three ways on. */
export function WelcomePage(props: IWelcomePageProps): React.JSX.Element {
  const { facility, trans } = props;
  return (
    <div className="jp-AfLab-welcomePage">
      <div className="jp-AfLab-welcomeHead">
        <clusterIcon.react tag="span" width="56px" height="56px" />
        <div>
          <h1>{trans.__('Welcome to the Analysis Facility')}</h1>
          <p>
            {trans.__(
              'Write your analysis in a notebook, and let many workers run it. They start as jobs in the HTCondor pool.'
            )}
          </p>
        </div>
      </div>
      <UseSignal signal={facility.changed}>{() => <Ways {...props} />}</UseSignal>
      <div className="jp-AfLab-welcomeFoot">
        <UseSignal signal={facility.changed}>
          {() => facility.pool && <p>{trans.__('%1.', glanceWords(facility.pool, trans))}</p>}
        </UseSignal>
        <p>{trans.__('You find this page again in the launcher, under Analysis Facility.')}</p>
      </div>
    </div>
  );
}

function Ways({ actions, facility, trans }: IWelcomePageProps): React.JSX.Element {
  const example = firstAnalysis(facility.examples ?? []);
  return (
    <ul className="jp-AfLab-ways">
      <Way
        icon={runIcon}
        title={trans.__('Run an analysis')}
        picture={
          example?.thumbnail ? (
            <img
              src={facility.url(example.thumbnail)}
              alt={trans.__('Result of %1', example.title)}
            />
          ) : null
        }
        text={
          example
            ? trans.__(
                'Open “%1”, with %2, and choose Run All Cells in the menu Run. It takes about %3.',
                example.title,
                example.framework,
                duration(60_000 * example.minutes, trans)
              )
            : trans.__(
                'Open an analysis that is ready to run, and choose Run All Cells in the menu Run.'
              )
        }
      >
        <Action
          isMain
          label={trans.__('Open the analysis')}
          onClick={() => {
            actions.openExample(example?.id ?? null);
          }}
        />
        <Action label={trans.__('All examples')} onClick={actions.showExamples} />
      </Way>
      <Way
        icon={clusterIcon}
        title={trans.__('Make a cluster')}
        picture={<WorkersPicture />}
        text={trans.__(
          'Say how many workers you want. The panel on the left shows how they arrive, and makes them more or fewer at any time.'
        )}
      >
        <Action isMain label={trans.__('New cluster…')} onClick={actions.createCluster} />
        <Action label={trans.__('Your clusters')} onClick={actions.showClusters} />
      </Way>
      <Way
        icon={notebookIcon}
        title={trans.__('Bring your own notebook')}
        picture={
          <pre>
            <code>{OWN_NOTEBOOK}</code>
          </pre>
        }
        text={trans.__(
          'Drop your notebook into the file browser, and put these lines into its first cell. What you give to the client runs on the workers.'
        )}
      >
        <Action
          isMain
          label={trans.__('New notebook')}
          onClick={() => {
            actions.openNotebook(OWN_NOTEBOOK);
          }}
        />
        <CopyAction actions={actions} trans={trans} />
      </Way>
    </ul>
  );
}

/** The first example with data; one that the user's kernel can run, if there is one. */
export function firstAnalysis(examples: readonly Example[]): Example | null {
  const analyses = examples.filter(({ framework }) => framework !== 'Dask');
  return analyses.find(({ missing }) => missing.length === 0) ?? analyses[0] ?? null;
}

interface IWayProps {
  readonly icon: LabIcon;
  readonly title: string;
  readonly picture: React.ReactNode;
  readonly text: string;
}

function Way({
  icon,
  title,
  picture,
  text,
  children
}: React.PropsWithChildren<IWayProps>): React.JSX.Element {
  return (
    <li className="jp-AfLab-way">
      <div className="jp-AfLab-wayPicture">{picture}</div>
      <h2>
        <icon.react tag="span" width="20px" height="20px" />
        {title}
      </h2>
      <p>{text}</p>
      <div className="jp-AfLab-wayActions">{children}</div>
    </li>
  );
}

interface IActionProps {
  readonly isMain?: boolean;
  readonly label: string;
  readonly onClick: () => void;
}

function Action({ isMain = false, label, onClick }: IActionProps): React.JSX.Element {
  return (
    <button
      type="button"
      className={`jp-AfLab-button ${isMain ? 'jp-mod-primary' : 'jp-AfLab-other'}`}
      onClick={onClick}
    >
      {label}
    </button>
  );
}

function CopyAction({ actions, trans }: Omit<IWelcomePageProps, 'facility'>): React.JSX.Element {
  const [isCopied, setCopied] = useState(false);
  return (
    <>
      <Action
        label={trans.__('Copy the code')}
        onClick={() => {
          actions.copy(OWN_NOTEBOOK);
          setCopied(true);
        }}
      />
      <span role="status" className="jp-AfLab-quiet">
        {isCopied && trans.__('Copied.')}
      </span>
    </>
  );
}
