import type { ITranslator } from '@jupyterlab/translation';
import { type PanelWithToolbar, SidePanel } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { AccordionPanel } from '@lumino/widgets';

import { clusterIcon } from '../shared/icons';
import type { IClusters, IDashboards, IFacility, IRuns } from '../tokens';
import { Announcer } from './announcer';
import type { IPins } from '../clusters/pins';
import { ClustersSection, type IClustersActions } from '../clusters/section';
import { ConfigurationNotice } from './configurationnotice';
import { ExamplesSection } from '../examples/section';
import { Heading } from './heading';
import { Notice } from './notice';
import { PoolSection } from '../pool/section';
import type { IRunActions } from '../runs/card';
import { RunsSection } from '../runs/section';
import { SectionHeights, type Weight } from './sectionheights';

/** What can be done in the panel. */
export interface IPanelActions extends IClustersActions, IRunActions {
  readonly openExample: (id: string) => void;
}

export interface IPanelOptions {
  readonly clusters: IClusters;
  readonly runs: IRuns;
  readonly facility: IFacility;
  readonly dashboards: IDashboards;
  readonly actions: IPanelActions;
  /** Says whether there ever was a cluster. */
  readonly hadClusters: () => boolean;
  /** The clusters that come up with JupyterLab; null if that is not known. */
  readonly pins?: IPins | null;
  /** The section of the plots. */
  readonly plots: PanelWithToolbar;
  readonly translator: ITranslator;
}

const SECTIONS = ['clusters', 'runs', 'plots', 'pool', 'examples'] as const;

/** A section of the panel. */
export type SectionName = (typeof SECTIONS)[number];

export function isSection(name: unknown): name is SectionName {
  return SECTIONS.some(section => section === name);
}

/** How the height is divided among the open sections if not all fit. A card fits into the least height of its section. */
const WEIGHTS: Readonly<Record<SectionName, Weight>> = {
  clusters: { share: 6, least: 240 },
  runs: { share: 4, least: 140 },
  plots: { share: 6, least: 300 },
  pool: { share: 2, least: 50 },
  examples: { share: 4, least: 50 }
};

/** The weight of a section that a command opened. */
const ASKED_FOR: Weight = { share: 8, least: 360 };

/** The sidebar. It watches the clusters while it is visible. */
export class AnalysisFacilityPanel extends SidePanel {
  constructor(options: IPanelOptions) {
    super({ translator: options.translator });
    const { actions, clusters, dashboards, facility, hadClusters, plots, runs } = options;
    const trans = options.translator.load('af_lab');
    this._clusters = clusters;
    this._runs = runs;

    this.id = 'af-lab-panel';
    this.addClass('jp-AfLab-panel');
    this.title.icon = clusterIcon;
    this.title.caption = trans.__('Analysis Facility');
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Analysis Facility'));

    const showPool = (): void => {
      this.showSection('pool');
    };
    this.header.addWidget(new Heading({ facility, showPool, trans }));
    this.header.addWidget(new Notice(clusters, trans));
    this.header.addWidget(new ConfigurationNotice(facility, clusters, trans));
    this.header.addWidget(new Announcer(clusters, runs, trans));
    this._sections = {
      clusters: new ClustersSection({
        clusters,
        dashboards,
        actions,
        hadClusters,
        pins: options.pins ?? null,
        trans
      }),
      runs: new RunsSection({ runs, actions, trans }),
      plots,
      pool: new PoolSection(facility, clusters, trans),
      examples: new ExamplesSection({ facility, open: actions.openExample, trans })
    };
    Object.values(this._sections).forEach(section => {
      this.addWidget(section);
    });
    this._accordion.collapse(this._indexOf('plots'));
    this._accordion.collapse(this._indexOf('runs'));
    this._heights = new SectionHeights(this._accordion, index => {
      const name = SECTIONS[index] ?? 'examples';
      return name === this._askedFor ? ASKED_FOR : WEIGHTS[name];
    });
    runs.changed.connect(this._onRuns, this);
    this._onRuns();
  }

  override dispose(): void {
    this._runs.changed.disconnect(this._onRuns, this);
    this._heights.dispose();
    super.dispose();
  }

  /** Open a section, and give it more height. */
  showSection(name: SectionName): void {
    this._askedFor = name;
    this._accordion.expand(this._indexOf(name));
    this._heights.restart();
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

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    if (!this.node.contains(document.activeElement)) {
      this.node.focus();
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

  /** The section opens with the first run, and closes with the last. */
  private _onRuns(): void {
    const hasRuns = this._runs.entries.length > 0;
    if (hasRuns !== this._hasRuns) {
      this._hasRuns = hasRuns;
      const index = this._indexOf('runs');
      if (hasRuns) {
        this._accordion.expand(index);
      } else {
        this._accordion.collapse(index);
      }
    }
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

  /** The section that a command opened last. */
  private _askedFor: SectionName | null = null;
  private readonly _clusters: IClusters;
  private _hasRuns = false;
  private readonly _heights: SectionHeights;
  private readonly _runs: IRuns;
  private readonly _sections: Readonly<Record<SectionName, PanelWithToolbar>>;
  private _watch: IDisposable | null = null;
}
