/** The cards of clusters, as the tests of their parts see them. */
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ClustersSection } from '../../src/clusters/section';
import type { IEntry } from '../../src/tokens';
import { entry, fakeActions, SetClusters, SetDashboards, until } from '../support';

/** A cluster some of whose workers are connected, others starting or waiting. */
export const dimuon = entry({
  workers: 20,
  cpu: 0.74,
  counts: { requested: 20, starting: 3, connected: 12, waiting: 5 }
});

/** The list of clusters on the page. */
export class ShownCards {
  readonly clusters = new SetClusters();
  readonly dashboards = new SetDashboards();
  readonly actions = fakeActions();

  constructor() {
    this._section = new ClustersSection({
      clusters: this.clusters,
      dashboards: this.dashboards,
      actions: this.actions,
      hadClusters: () => true,
      trans: nullTranslator.load('af_lab')
    });
    Widget.attach(this._section, document.body);
  }

  /** Show these clusters, and wait for the card of the last one. */
  show(...entries: IEntry[]): Promise<HTMLElement> {
    this.clusters.set({ entries });
    const last = entries.at(-1);
    return until('the card', () =>
      document.querySelector<HTMLElement>(
        `.jp-AfLab-card[data-cluster="${last?.cluster.name}"][data-state="${last?.state}"]`
      )
    );
  }

  dispose(): void {
    this._section.dispose();
  }

  private readonly _section: ClustersSection;
}
