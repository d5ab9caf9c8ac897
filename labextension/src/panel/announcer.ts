import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { ApiError } from '../api';
import { runNews } from '../runs/news';
import type { IClusters, IEntry, IRunEntry, IRuns } from '../tokens';
import { concern } from '../shared/concern';
import { explain, standingWord, stateWord, tallyWords } from '../shared/words';

/** At most one announcement in this time, in milliseconds. */
const PAUSE = 3_000;

/** What an announcement is made from. */
export interface IScene {
  readonly entries: readonly IEntry[];
  readonly runs: readonly IRunEntry[];
  readonly trouble: ApiError | null;
}

/** What is new in `after`, by subject, so that later news of a subject can replace earlier ones. */
export function news(before: IScene, after: IScene, trans: TranslationBundle): Map<string, string> {
  const sentences = new Map<string, string>();
  if (after.trouble?.name !== before.trouble?.name) {
    sentences.set(
      '',
      after.trouble ? explain(after.trouble, trans).title : trans.__('The server answers again')
    );
  }
  const earlier = new Map(before.entries.map(entry => [entry.cluster.name, entry]));
  for (const entry of after.entries) {
    const { name, counts, reason } = entry.cluster;
    const old = earlier.get(name);
    earlier.delete(name);
    if (old?.state !== entry.state) {
      const words = trans.__('%1: %2', name, stateWord(entry.state, trans));
      sentences.set(name, [words, reason].filter(Boolean).join(', '));
    } else if (isOfNews(entry) && concern(old) !== concern(entry)) {
      sentences.set(name, trans.__('%1: %2', name, standingWord(entry, trans)));
    } else if (entry.state === 'running' && old.cluster.counts.connected !== counts.connected) {
      sentences.set(name, trans.__('%1: %2', name, tallyWords(entry, trans)));
    } else if (entry.state === 'running' && old.cluster.counts.held < counts.held) {
      sentences.set(name, trans.__('%1: %2 held', name, counts.held));
    }
  }
  for (const name of earlier.keys()) {
    sentences.set(name, trans.__('%1 is gone', name));
  }
  return new Map([...sentences, ...runNews(before.runs, after.runs, trans)]);
}

/** Whether there is a concern; of jobs on hold the number is announced instead. */
function isOfNews(entry: IEntry): boolean {
  return ![null, 'held'].includes(concern(entry));
}

/** Announces changes to screen readers. */
export class Announcer extends Widget {
  constructor(
    private readonly _clusters: IClusters,
    private readonly _runs: IRuns,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-announcer');
    this.node.setAttribute('role', 'status');
    _clusters.changed.connect(this._onChanged, this);
    _runs.changed.connect(this._onChanged, this);
  }

  override dispose(): void {
    clearTimeout(this._timer);
    super.dispose();
  }

  private _onChanged(): void {
    const { entries, trouble, seen } = this._clusters;
    const scene = { entries, trouble, runs: this._runs.entries };
    // What exists at the start is not announced; errors at the start are.
    const before = this._scene ?? { ...scene, trouble: null };
    news(before, scene, this._trans).forEach((sentence, subject) => {
      this._waiting.set(subject, sentence);
    });
    if (seen !== null || trouble !== null) {
      this._scene = scene;
    }
    if (this._waiting.size > 0 && this._timer === undefined) {
      this._speak();
    }
  }

  private _speak(): void {
    this.node.textContent = [...this._waiting.values()].join('. ');
    this._waiting.clear();
    this._timer = setTimeout(() => {
      this._timer = undefined;
      if (this._waiting.size > 0) {
        this._speak();
      }
    }, PAUSE);
  }

  private _scene: IScene | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _waiting = new Map<string, string>();
}
