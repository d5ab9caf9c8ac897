import type { TranslationBundle } from '@jupyterlab/translation';
import { PanelWithToolbar, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import type { IClusters, IDashboards } from '../tokens';
import { Chooser } from './chooser';
import { PlotList } from './plotlist';

/** What can be done in the section. */
export interface IPlotsActions {
  /** Open the pane of a plot, by the last part of its address. */
  readonly openPlot: (plot: string) => void;
  /** Open the main plots of the dashboard that is chosen. */
  readonly openMain: () => void;
  /** Choose the dashboard of the active notebook's client. */
  readonly findInKernel: () => void;
  readonly copyAddress: () => void;
}

export interface IPlotsSectionOptions {
  readonly dashboards: IDashboards;
  readonly clusters: IClusters;
  readonly actions: IPlotsActions;
  readonly trans: TranslationBundle;
}

/** The section of the panel that chooses a dashboard and opens its plots. */
export class PlotsSection extends PanelWithToolbar {
  constructor({ dashboards, clusters, actions, trans }: IPlotsSectionOptions) {
    super();
    this.addClass('jp-AfLab-plots');
    this.title.label = trans.__('Plots');
    const button = ReactWidget.create(
      <button
        type="button"
        className="jp-AfLab-button jp-AfLab-openMain"
        title={trans.__('Open the main plots beside the notebook')}
        onClick={actions.openMain}
      >
        {trans.__('Open the main plots')}
      </button>
    );
    this.toolbar.addItem('main', button);
    this.toolbar.node.setAttribute('aria-label', trans.__('Plots'));
    this.addWidget(
      ReactWidget.create(
        <UseSignal signal={dashboards.changed}>
          {() => (
            <>
              <UseSignal signal={clusters.changed}>
                {() => (
                  <Chooser
                    dashboards={dashboards}
                    entries={clusters.entries}
                    copyAddress={actions.copyAddress}
                    findInKernel={actions.findInKernel}
                    trans={trans}
                  />
                )}
              </UseSignal>
              <PlotList dashboards={dashboards} openPlot={actions.openPlot} trans={trans} />
            </>
          )}
        </UseSignal>
      )
    );
  }
}
