import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { clusterIcon } from '../icons';
import type { IClusters } from '../tokens';
import { Announcer } from './announcer';
import { ClustersSection, type IClustersActions } from './clusters';
import { Notice } from './notice';

export interface IPanelOptions {
  readonly clusters: IClusters;
  readonly actions: IClustersActions;
  readonly translator: ITranslator;
}

/** The sidebar. It watches the clusters while it can be seen. */
export class AnalysisFacilityPanel extends SidePanel {
  constructor(options: IPanelOptions) {
    super({ translator: options.translator });
    const { actions, clusters } = options;
    const trans = options.translator.load('af_lab');
    this._clusters = clusters;

    this.id = 'af-lab-panel';
    this.addClass('jp-AfLab-panel');
    this.title.icon = clusterIcon;
    this.title.caption = trans.__('Analysis Facility');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Analysis Facility'));

    const heading = new Widget({ node: document.createElement('h2') });
    heading.addClass('jp-AfLab-heading');
    heading.node.textContent = trans.__('Analysis Facility');
    this.header.addWidget(heading);
    this.header.addWidget(new Notice(clusters, trans));
    this.header.addWidget(new Announcer(clusters, trans));
    this.addWidget(new ClustersSection(clusters, actions, trans));
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._watchIfVisible();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._watchIfVisible();
  }

  protected override onBeforeHide(msg: Message): void {
    super.onBeforeHide(msg);
    this._unwatch();
  }

  protected override onBeforeDetach(msg: Message): void {
    super.onBeforeDetach(msg);
    this._unwatch();
  }

  private _watchIfVisible(): void {
    if (this.isVisible) {
      this._watch ??= this._clusters.watch();
    }
  }

  private _unwatch(): void {
    this._watch?.dispose();
    this._watch = null;
  }

  private readonly _clusters: IClusters;
  private _watch: IDisposable | null = null;
}
