import type { ITranslator } from '@jupyterlab/translation';
import { type PanelWithToolbar, SidePanel } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { AccordionPanel, type Widget } from '@lumino/widgets';

import { clusterIcon } from '../shared/icons';
import type { IClusters, IDashboards, IFacility } from '../tokens';
import { Announcer } from './announcer';
import { ClustersSection, type IClustersActions } from '../clusters/section';
import { ExamplesSection } from '../examples/section';
import { Heading } from './heading';
import { Notice } from './notice';
import { PoolSection } from '../pool/section';

/** What can be done in the panel. */
export interface IPanelActions extends IClustersActions {
  readonly openExample: (id: string) => void;
}

export interface IPanelOptions {
  readonly clusters: IClusters;
  readonly facility: IFacility;
  readonly dashboards: IDashboards;
  readonly actions: IPanelActions;
  /** The section of the plots. */
  readonly plots: PanelWithToolbar;
  readonly translator: ITranslator;
}

const SECTIONS = ['clusters', 'plots', 'pool', 'examples'] as const;

/** A section of the panel. */
export type SectionName = (typeof SECTIONS)[number];

export function isSection(name: unknown): name is SectionName {
  return SECTIONS.some(section => section === name);
}

/** How the height is divided among the open sections. */
const SHARES: Readonly<Record<SectionName, number>> = {
  clusters: 5,
  plots: 4,
  pool: 2,
  examples: 4
};

/** The share of a section that a command opens. */
const ASKED_FOR = 8;

/** The sidebar. It watches the clusters while it is visible. */
export class AnalysisFacilityPanel extends SidePanel {
  constructor(options: IPanelOptions) {
    super({ translator: options.translator });
    const { actions, clusters, dashboards, facility, plots } = options;
    const trans = options.translator.load('af_lab');
    this._clusters = clusters;

    this.id = 'af-lab-panel';
    this.addClass('jp-AfLab-panel');
    this.title.icon = clusterIcon;
    this.title.caption = trans.__('Analysis Facility');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Analysis Facility'));

    const showPool = (): void => {
      this.showSection('pool');
    };
    this.header.addWidget(new Heading({ facility, showPool, trans }));
    this.header.addWidget(new Notice(clusters, trans));
    this.header.addWidget(new Announcer(clusters, trans));
    this._sections = {
      clusters: new ClustersSection({ clusters, dashboards, actions, trans }),
      plots,
      pool: new PoolSection(facility, trans),
      examples: new ExamplesSection({ facility, open: actions.openExample, trans })
    };
    Object.values(this._sections).forEach(section => {
      this.addWidget(section);
    });
    this._accordion.collapse(this._indexOf('plots'));
    // A section that was closed from the beginning would open with no height.
    this._accordion.expansionToggled.connect(() => {
      this._share(SHARES);
    });
  }

  /** Open a section, and give it more height. */
  showSection(name: SectionName): void {
    this._accordion.expand(this._indexOf(name));
    this._share({ ...SHARES, [name]: ASKED_FOR });
  }

  /** Hide or show a section. */
  leaveOut(name: SectionName, out: boolean): void {
    const title = this._accordion.titles[this._indexOf(name)];
    if (title?.classList.contains('lm-mod-hidden') === out) {
      return;
    }
    title?.classList.toggle('lm-mod-hidden', out);
    // A section that the user closed stays closed when it is shown again.
    this._sections[name].setHidden(out || title?.getAttribute('aria-expanded') === 'false');
  }

  /** Divide the height among the open sections. */
  private _share(shares: Readonly<Record<SectionName, number>>): void {
    const sizes = SECTIONS.map(name => (this._sections[name].isHidden ? 0 : shares[name]));
    this._accordion.setRelativeSizes(sizes);
  }

  private get _accordion(): AccordionPanel {
    const { content } = this;
    if (!(content instanceof AccordionPanel)) {
      throw new Error('the content of a side panel is no longer an accordion');
    }
    return content;
  }

  private _indexOf(name: SectionName): number {
    return this._accordion.widgets.indexOf(this._sections[name]);
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._watchIfVisible();
  }

  protected override onResize(msg: Widget.ResizeMessage): void {
    super.onResize(msg);
    // Before the first layout there is no height to divide.
    if (!this._isShared && msg.height > 0) {
      this._isShared = true;
      requestAnimationFrame(() => {
        this._share(SHARES);
      });
    }
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
  private _isShared = false;
  private readonly _sections: Readonly<Record<SectionName, PanelWithToolbar>>;
  private _watch: IDisposable | null = null;
}
