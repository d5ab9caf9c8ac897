import { Dialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';

import { roughSize } from '../shared/size';
import { explainRefusal, stateWord, tallyWords } from '../shared/words';
import type { IClusters, IEntry } from '../tokens';
import { canStop } from './canstop';
import { READING } from './findcluster';

/** Ask once whether all clusters are to stop, stop them, and show how far that is. */
export async function stopAll(clusters: IClusters, trans: TranslationBundle): Promise<void> {
  await clusters.refresh();
  const entries = clusters.entries.filter(canStop);
  if (entries.length === 0) {
    Notification.info(trans.__('No cluster is there that could be stopped.'), {
      autoClose: READING
    });
    return;
  }
  await new StopAllDialog(new Stopping(clusters, entries), trans).launch();
}

/** How far the stop of one cluster is. */
export type Step = 'asked' | 'stopping' | 'stopped' | 'failed';

/** The clusters that are to stop. */
export class Stopping {
  constructor(
    private readonly _clusters: IClusters,
    /** As they were when the question was asked. */
    readonly entries: readonly IEntry[]
  ) {}

  readonly changed = new Signal<this, void>(this);

  step({ cluster }: IEntry): Step {
    return this._steps.get(cluster.id) ?? 'asked';
  }

  /** Why a cluster did not stop, in words; null if nothing is wrong. */
  problem({ cluster }: IEntry, trans: TranslationBundle): string | null {
    const problem = this._now(cluster.id)?.problem ?? null;
    return problem && explainRefusal(problem, trans);
  }

  /** Stop those that have not stopped yet. Returns whether all have. */
  async run(): Promise<boolean> {
    await Promise.all(
      this.entries.filter(entry => this.step(entry) !== 'stopped').map(entry => this._stop(entry))
    );
    return this.entries.every(entry => this.step(entry) === 'stopped');
  }

  private async _stop({ cluster: { id, name } }: IEntry): Promise<void> {
    this._set(id, 'stopping');
    // Another cluster may have the name by now.
    if (this._now(id)) {
      await this._clusters.stop(name);
    }
    this._set(id, this._now(id)?.problem ? 'failed' : 'stopped');
  }

  private _now(id: number): IEntry | undefined {
    return this._clusters.entries.find(({ cluster }) => cluster.id === id);
  }

  private _set(id: number, step: Step): void {
    this._steps.set(id, step);
    this.changed.emit();
  }

  private readonly _steps = new Map<number, Step>();
}

/** The index of the button that accepts. */
const ACCEPT = 1;

/** Names what ends. It stays open until all have stopped, and shows what went wrong. */
class StopAllDialog extends Dialog<null> {
  constructor(
    private readonly _stopping: Stopping,
    private readonly _trans: TranslationBundle
  ) {
    const { entries } = _stopping;
    super({
      title: _trans._n('Stop %1 cluster?', 'Stop all %1 clusters?', entries.length),
      body: new Body(_stopping, _trans),
      buttons: [
        Dialog.cancelButton({ label: _trans.__('Keep them') }),
        Dialog.warnButton({ label: _trans.__('Stop all') })
      ],
      defaultButton: 0
    });
    this.addClass('jp-AfLab-dialog');
  }

  override resolve(index = 0): void {
    if (index !== ACCEPT) {
      super.resolve(index);
    } else if (!this._isBusy) {
      void this._run();
    }
  }

  private async _run(): Promise<void> {
    this._isBusy = true;
    const [keep, stop] = this.node.querySelectorAll<HTMLButtonElement>('.jp-Dialog-button');
    stop?.setAttribute('aria-busy', 'true');
    const isDone = await this._stopping.run();
    this._isBusy = false;
    stop?.removeAttribute('aria-busy');
    if (this.isDisposed) {
      return;
    }
    if (isDone) {
      super.resolve(ACCEPT);
      return;
    }
    for (const [button, label] of [
      [keep, this._trans.__('Close')],
      [stop, this._trans.__('Try again')]
    ] as const) {
      button?.querySelector('.jp-Dialog-buttonLabel')?.replaceChildren(label);
      button?.setAttribute('aria-label', label);
    }
  }

  private _isBusy = false;
}

class Body extends ReactWidget {
  constructor(
    private readonly _stopping: Stopping,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-stopAll');
  }

  protected override render(): React.JSX.Element {
    return (
      <UseSignal signal={this._stopping.changed}>
        {() => <List stopping={this._stopping} trans={this._trans} />}
      </UseSignal>
    );
  }
}

interface IListProps {
  readonly stopping: Stopping;
  readonly trans: TranslationBundle;
}

function List({ stopping, trans }: IListProps): React.JSX.Element {
  return (
    <>
      <p>{lossWords(stopping.entries, trans)}</p>
      <ul aria-live="polite" aria-label={trans.__('Clusters that end')}>
        {stopping.entries.map(entry => {
          const step = stopping.step(entry);
          const problem = step === 'failed' ? stopping.problem(entry, trans) : null;
          return (
            <li key={entry.cluster.id} data-step={step}>
              <strong>{entry.cluster.name}</strong>
              <span>{problem ?? stepWords(entry, step, trans)}</span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function stepWords(entry: IEntry, step: Step, trans: TranslationBundle): string {
  switch (step) {
    case 'asked':
      return entry.state === 'held' ? stateWord(entry.state, trans) : tallyWords(entry, trans);
    case 'stopping':
      return trans.__('stopping…');
    case 'stopped':
      return trans.__('stopped');
    case 'failed':
      return trans.__('not stopped');
  }
}

/** What is lost when all of them stop. */
function lossWords(entries: readonly IEntry[], trans: TranslationBundle): string {
  const sum = (count: (entry: IEntry) => number): number =>
    entries.reduce((total, entry) => total + count(entry), 0);
  const connected = sum(({ cluster }) => cluster.counts.connected);
  const kept = sum(({ cluster }) => cluster.kept_results);
  const bytes = sum(({ cluster }) => cluster.kept_bytes);
  const jobs = trans.__('Their jobs are removed from the HTCondor queue.');
  if (connected === 0 && kept === 0) {
    return `${jobs} ${trans.__('No worker is connected: no results are lost.')}`;
  }
  const work = trans._n(
    'What %1 connected worker computes now is lost.',
    'What %1 connected workers compute now is lost.',
    connected
  );
  const results =
    kept === 0
      ? trans.__('No results are kept in memory.')
      : trans.__('The results in memory (%1) are lost too.', roughSize(bytes));
  return `${jobs} ${work} ${results} ${trans.__('Files that were written stay.')}`;
}
