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
  readonly openLayout: () => void;
  /** Have the panes show the dashboard of the client that the active notebook has. */
  readonly findInKernel: () => void;
}

export interface IPlotsSectionOptions {
  readonly dashboards: IDashboards;
  readonly clusters: IClusters;
  readonly actions: IPlotsActions;
  readonly trans: TranslationBundle;
}

/** The section of the panel that tells whose plots are shown, and opens them. */
export class PlotsSection extends PanelWithToolbar {
  constructor({ dashboards, clusters, actions, trans }: IPlotsSectionOptions) {
    super();
    this.addClass('jp-AfLab-plots');
    this.title.label = trans.__('Plots');
    const button = ReactWidget.create(
      <button
        type="button"
        className="jp-AfLab-button jp-AfLab-openLayout"
        title={trans.__('Open the plots of the layout that the settings have')}
        onClick={actions.openLayout}
      >
        {trans.__('Open the layout')}
      </button>
    );
    this.toolbar.addItem('layout', button);
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
