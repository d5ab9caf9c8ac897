import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, PanelWithToolbar, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React, { useCallback, useState } from 'react';

import { isLive } from '../api';
import { SECOND, SeenWidget, useNow } from '../shared/clock';
import { Filter } from '../shared/filter';
import { MANY, useFolds } from '../shared/folds';
import { clusterIcon } from '../shared/icons';
import { KeepsFocus } from '../shared/keepsfocus';
import type { IClusters, IDashboards } from '../tokens';
import { Card, type ICardActions } from './card';
import { filtered } from './filter';
import type { IPins } from './pins';
import { StopAllButton } from './stopallbutton';

/** How often the lines of the cards go on, in milliseconds: few pixels of ten minutes. */
const BEAT = 10 * SECOND;

/** What can be done in the section. */
export interface IClustersActions extends ICardActions {
  readonly create: () => void;
  readonly stopAll: () => void;
}

export interface IClustersSectionOptions {
  readonly clusters: IClusters;
  readonly dashboards: IDashboards;
  readonly actions: IClustersActions;
  /** Null if clusters cannot be pinned. */
  readonly pins?: IPins | null;
  /** Says whether there ever was a cluster. */
  readonly hadClusters: () => boolean;
  readonly trans: TranslationBundle;
}

/** The section of the panel that lists the clusters. */
export class ClustersSection extends PanelWithToolbar {
  constructor(options: IClustersSectionOptions) {
    super();
    const { actions, trans } = options;
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
    this.toolbar.addItem('stop-all', new StopAllButton(options));
    this.toolbar.addItem('new', button);
    this.toolbar.node.setAttribute('aria-label', trans.__('Clusters'));
    this.addWidget(new List(options));
  }
}

class List extends SeenWidget {
  constructor(private readonly _options: IClustersSectionOptions) {
    super();
  }

  protected override draw(): React.JSX.Element {
    const { clusters, dashboards, pins } = this._options;
    return (
      <UseSignal signal={dashboards.changed}>
        {() => (
          <UseSignal signal={clusters.changed}>
            {() => (
              <UseSignal signal={pins?.changed ?? clusters.changed}>
                {() => <Clusters {...this._options} />}
              </UseSignal>
            )}
          </UseSignal>
        )}
      </UseSignal>
    );
  }
}

function Clusters({
  clusters,
  dashboards,
  actions,
  pins,
  hadClusters,
  trans
}: IClustersSectionOptions): React.JSX.Element | null {
  const { entries, seen, trouble } = clusters;
  const { source } = dashboards;
  const now = useNow(
    BEAT,
    entries.some(({ state }) => isLive(state))
  );
  const [words, setWords] = useState('');
  const fold = useFolds();
  const recall = useCallback((name: string) => void clusters.recall(name), [clusters]);
  const isMany = entries.length >= MANY;
  const shown = isMany ? filtered(entries, words, trans) : entries;

  return (
    <KeepsFocus className="jp-AfLab-list">
      <div data-stale={trouble !== null}>
        {isMany && (
          <Filter
            words={words}
            found={trans.__('%1 of %2 clusters', shown.length, entries.length)}
            label={trans.__('Filter the clusters by name or state')}
            onChange={setWords}
            trans={trans}
          />
        )}
        {entries.length > 0 ? (
          <ul>
            {shown.map(entry => (
              <Card
                key={entry.cluster.id}
                entry={entry}
                actions={actions}
                isPinned={pins?.isPinned(entry.cluster.name) ?? false}
                isFollowed={source?.kind === 'cluster' && source.name === entry.cluster.name}
                fold={isMany ? fold(entry.cluster.name) : null}
                now={now}
                recall={recall}
                trans={trans}
              />
            ))}
          </ul>
        ) : (
          trouble === null &&
          (seen === null ? (
            <p className="jp-AfLab-waiting">{trans.__('Loading…')}</p>
          ) : (
            <Empty create={actions.create} isFirst={!hadClusters()} trans={trans} />
          ))
        )}
      </div>
    </KeepsFocus>
  );
}

function Empty({
  create,
  isFirst,
  trans
}: {
  create: () => void;
  isFirst: boolean;
  trans: TranslationBundle;
}): React.JSX.Element {
  return (
    <div className="jp-AfLab-empty">
      <clusterIcon.react tag="span" width="40px" height="40px" />
      <strong>{isFirst ? trans.__('No clusters yet') : trans.__('No clusters')}</strong>
      <p>
        {trans.__('A cluster is a set of Dask workers that run as HTCondor jobs on this facility.')}
      </p>
      <button type="button" className="jp-AfLab-button jp-mod-primary" onClick={create}>
        {trans.__('New cluster…')}
      </button>
    </div>
  );
}
