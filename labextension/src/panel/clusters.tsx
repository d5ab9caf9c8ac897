import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, PanelWithToolbar, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React, { useLayoutEffect, useRef } from 'react';

import { clusterIcon } from '../icons';
import type { IClusters } from '../tokens';
import { Card, type ICardActions } from './card';

/** What can be done in the section. */
export interface IClustersActions extends ICardActions {
  readonly create: () => void;
}

/** The section of the panel that lists the clusters. */
export class ClustersSection extends PanelWithToolbar {
  constructor(clusters: IClusters, actions: IClustersActions, trans: TranslationBundle) {
    super();
    this.addClass('jp-AfLab-clusters');
    this.title.label = trans.__('Clusters');
    const button = ReactWidget.create(
      <button
        type="button"
        className="jp-AfLab-button jp-AfLab-new"
        aria-label={trans.__('New cluster…')}
        title={trans.__('New cluster…')}
        onClick={actions.create}
      >
        <addIcon.react tag="span" width="16px" height="16px" />
        {trans.__('New')}
      </button>
    );
    this.toolbar.addItem('new', button);
    this.toolbar.node.setAttribute('aria-label', trans.__('Clusters'));
    this.addWidget(
      ReactWidget.create(
        <UseSignal signal={clusters.changed}>
          {() => <Clusters clusters={clusters} actions={actions} trans={trans} />}
        </UseSignal>
      )
    );
  }
}

interface IProps {
  readonly clusters: IClusters;
  readonly actions: IClustersActions;
  readonly trans: TranslationBundle;
}

function Clusters({ clusters, actions, trans }: IProps): React.JSX.Element | null {
  const { entries, seen, trouble } = clusters;
  const list = useRef<HTMLDivElement>(null);
  const focused = useRef<Element | null>(null);
  useLayoutEffect(() => {
    // What had the focus may have gone with this rendering; its successor is here, not at the top of the page.
    if (focused.current?.isConnected === false && document.activeElement === document.body) {
      list.current?.focus();
    }
  });

  return (
    <div
      ref={list}
      className="jp-AfLab-list"
      tabIndex={-1}
      data-stale={trouble !== null}
      onFocus={event => {
        focused.current = event.target;
      }}
      onBlur={() => {
        focused.current = null;
      }}
    >
      {entries.length > 0 ? (
        <ul>
          {entries.map(entry => (
            <Card key={entry.cluster.id} entry={entry} actions={actions} trans={trans} />
          ))}
        </ul>
      ) : (
        trouble === null &&
        (seen === null ? (
          <p className="jp-AfLab-waiting">{trans.__('Asking the server…')}</p>
        ) : (
          <Empty create={actions.create} trans={trans} />
        ))
      )}
    </div>
  );
}

function Empty({
  create,
  trans
}: {
  create: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  return (
    <div className="jp-AfLab-empty">
      <clusterIcon.react tag="span" width="40px" height="40px" />
      <strong>{trans.__('No clusters yet')}</strong>
      <p>
        {trans.__('A cluster is a set of Dask workers that run as HTCondor jobs on this facility.')}
      </p>
      <button type="button" className="jp-AfLab-button jp-mod-primary" onClick={create}>
        {trans.__('New cluster…')}
      </button>
    </div>
  );
}
