import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import {
  type ApiError,
  asApiError,
  callsLeft,
  type EventMessage,
  type FailedTask,
  type IApi,
  type LogPart,
  type Run
} from '../api';
import type { IRunEntry, IRuns, RunChange } from '../tokens';
import type { Feed } from './feed';
import { Records } from './records';

/** How long a cancelled run may still be listed with calls that have not ended, in milliseconds. */
const LEAVING = 30_000;

/** How many lines of a log are shown, counted from the end. */
const LINES = 500;

/** The user's runs, from the server's events and from the changes requested here. */
export class RunsModel implements IRuns, IDisposable {
  constructor(api: IApi, feed: Feed) {
    this._api = api;
    this._feed = feed;
    feed.message.connect(this._onMessage, this);
    feed.changed.connect(this._update, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get entries(): readonly IRunEntry[] {
    return this._entries;
  }

  get trouble(): ApiError | null {
    return this._feed.trouble;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  async refresh(): Promise<void> {
    try {
      const runs = await this._api.runs();
      if (!this._isDisposed) {
        this._records.learnAll(runs);
        this._feed.note(null);
        this._update();
      }
    } catch (error) {
      this._feed.note(asApiError(error));
    }
  }

  async cancel(name: string): Promise<void> {
    await this._do(name, 'cancel', async local => {
      this._records.learn(await this._api.cancelRun(name));
      // Its jobs leave the queue one by one.
      local.until = Date.now() + LEAVING;
    });
  }

  async again(name: string): Promise<void> {
    await this._do(name, 'again', async local => {
      this._records.learn(await this._api.runAgain(name));
      local.change = null;
    });
  }

  async remove(name: string): Promise<void> {
    await this._do(name, 'remove', async () => {
      await this._api.removeRun(name);
      this._records.forget(name);
    });
  }

  tasks(name: string): Promise<readonly FailedTask[]> {
    return this._api.failedTasks(name);
  }

  log(name: string, task: string): Promise<LogPart> {
    return this._api.taskLog(name, task, LINES);
  }

  private async _do(
    name: string,
    change: RunChange,
    act: (local: ILocal) => Promise<void>
  ): Promise<void> {
    const run = this._records.get(name);
    if (!run || this._entry(run).change !== null) {
      return;
    }
    const local: ILocal = { change, until: Infinity, problem: null };
    this._local.set(name, local);
    this._update();
    try {
      await act(local);
    } catch (error) {
      local.change = null;
      local.problem = asApiError(error);
    }
    this._update();
  }

  private _onMessage(_: Feed, message: EventMessage): void {
    if (this._records.take(message)) {
      this._update();
    }
  }

  /** Build the entries again. */
  private _update(): void {
    if (this._isDisposed) {
      return;
    }
    this._entries = [...this._records.values()]
      .sort((a, b) => Date.parse(b.created) - Date.parse(a.created) || compareNames(a, b))
      .map(run => this._entry(run));
    this._changed.emit();
  }

  private _entry(run: Run): IRunEntry {
    const { change = null, problem = null, until = 0 } = this._local.get(run.name) ?? {};
    const isDone = until < Date.now() || (change === 'cancel' && callsLeft(run) === 0);
    return { run, change: isDone ? null : change, problem };
  }

  private readonly _api: IApi;
  private readonly _changed = new Signal<this, void>(this);
  private _entries: readonly IRunEntry[] = [];
  private readonly _feed: Feed;
  private _isDisposed = false;
  private readonly _local = new Map<string, ILocal>();
  private readonly _records = new Records<string, Run>({
    all: ({ runs }) => runs,
    told: message => (message.type === 'run' ? message.data : null),
    gone: message => (message.type === 'run-gone' ? message.id : null),
    key: ({ name }) => name,
    isOlder,
    learned: (run, known) => {
      if (known && known.created !== run.created) {
        // Another run has the name now.
        this._local.delete(run.name);
      }
    },
    forgotten: name => this._local.delete(name)
  });
}

/** What only this page knows of a run. */
interface ILocal {
  change: RunChange | null;
  /** When the change no longer counts as under way, whatever the server says; milliseconds since 1970. */
  until: number;
  problem: ApiError | null;
}

/** Answers and events may arrive out of order. */
function isOlder(run: Run, known: Run): boolean {
  const [before, after] = [known, run].map(({ created, changed }) => [
    Date.parse(created),
    Date.parse(changed)
  ]) as [[number, number], [number, number]];
  return after[0] < before[0] || (after[0] === before[0] && after[1] < before[1]);
}

function compareNames(a: Run, b: Run): number {
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}
