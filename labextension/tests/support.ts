/** What the tests share: parts that behave as they are told, and ways to look and to press. */
import { PromiseDelegate } from '@lumino/coreutils';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type {
  ApiError,
  Change,
  Cluster,
  EventMessage,
  Example,
  FailedTask,
  IApi,
  IListener,
  ILogQuery,
  LogPart,
  Match,
  NewCluster,
  Plot,
  Pool,
  Root,
  Run,
  Specification,
  TimelinePoint,
  WorkerJob
} from '../src/api';
import type { IPanelActions } from '../src/panel/panel';
import type {
  IClusters,
  IDashboard,
  IDashboards,
  IDashboardUse,
  IEntry,
  IFacility,
  IRunEntry,
  IRuns,
  Source
} from '../src/tokens';
import { pool, root } from './described';

export * from './described';

/** What can be done in the panel, noted. */
export function fakeActions(): {
  [name in keyof IPanelActions]: jest.Mock<unknown, Parameters<IPanelActions[name]>>;
} {
  return {
    askForWhatFits: jest.fn<unknown, [string]>(),
    openChoices: jest.fn<unknown, [string, HTMLElement]>(),
    openMenu: jest.fn<unknown, [string, HTMLElement]>(),
    stopAll: jest.fn<unknown, []>(),
    cancelRun: jest.fn<unknown, [string]>(),
    change: jest.fn<unknown, [string, Change]>(),
    create: jest.fn<unknown, []>(),
    insertCode: jest.fn<unknown, [string]>(),
    openExample: jest.fn<unknown, [string]>(),
    removeRun: jest.fn<unknown, [string]>(),
    runAgain: jest.fn<unknown, [string]>(),
    showDetails: jest.fn<unknown, [string]>(),
    showPlots: jest.fn<unknown, [string]>(),
    showRunLog: jest.fn<unknown, [string]>(),
    startDrag: jest.fn<unknown, [string, { clientX: number; clientY: number }]>(),
    startAgain: jest.fn<unknown, [string]>(),
    stop: jest.fn<unknown, [string]>()
  };
}

/** A server that holds every answer back until the test gives it. */
export class HoldsAnswersBack implements IApi {
  readonly asked: string[] = [];
  readonly listeners = new Set<IListener>();

  root(): Promise<Root> {
    return this._hold('root');
  }

  list(): Promise<Cluster[]> {
    return this._hold('list');
  }

  create(request: NewCluster): Promise<Cluster> {
    return this._hold(`create ${request.name} ${request.workers}`);
  }

  change(name: string, change: Change): Promise<Cluster> {
    return this._hold(`change ${name} ${JSON.stringify(change)}`);
  }

  release(name: string): Promise<Cluster> {
    return this._hold(`release ${name}`);
  }

  stop(name: string): Promise<void> {
    return this._hold(`stop ${name}`);
  }

  workers(name: string): Promise<readonly WorkerJob[]> {
    return this._hold(`workers ${name}`);
  }

  removeWorker(name: string, id: string): Promise<void> {
    return this._hold(`removeWorker ${name} ${id}`);
  }

  releaseWorker(name: string, id: string): Promise<void> {
    return this._hold(`releaseWorker ${name} ${id}`);
  }

  timeline(name: string): Promise<readonly TimelinePoint[]> {
    return this._hold(`timeline ${name}`);
  }

  logs(name: string, query: ILogQuery): Promise<LogPart> {
    return this._hold(`logs ${name} ${JSON.stringify(query)}`);
  }

  plots(name: string): Promise<readonly Plot[]> {
    return this._hold(`plots ${name}`);
  }

  pool(): Promise<Pool> {
    return this._hold('pool');
  }

  match(specification: Specification): Promise<Match> {
    return this._hold(`match ${JSON.stringify(specification)}`);
  }

  examples(): Promise<readonly Example[]> {
    return this._hold('examples');
  }

  openExample(id: string): Promise<string> {
    return this._hold(`openExample ${id}`);
  }

  runs(): Promise<Run[]> {
    return this._hold('runs');
  }

  cancelRun(name: string): Promise<Run> {
    return this._hold(`cancelRun ${name}`);
  }

  runAgain(name: string): Promise<Run> {
    return this._hold(`runAgain ${name}`);
  }

  removeRun(name: string): Promise<void> {
    return this._hold(`removeRun ${name}`);
  }

  failedTasks(name: string): Promise<readonly FailedTask[]> {
    return this._hold(`failedTasks ${name}`);
  }

  taskLog(name: string, task: string, lines: number): Promise<LogPart> {
    return this._hold(`taskLog ${name} ${task} ${lines}`);
  }

  listen(listener: IListener): IDisposable {
    this.asked.push('listen');
    this.listeners.add(listener);
    return new DisposableDelegate(() => {
      this.listeners.delete(listener);
    });
  }

  url(path: string): string {
    return `/${path}`;
  }

  /** Tell all who listen. */
  tell(message: Pick<EventMessage, 'type' | 'id' | 'data'>): void {
    for (const listener of this.listeners) {
      listener.onMessage({ v: 1, seq: 1, ...message } as EventMessage);
    }
  }

  /** Tell everything there is. */
  tellAll(
    clusters: readonly Cluster[],
    health: Partial<Root['health']> = {},
    runs: readonly Run[] = []
  ): void {
    this.tell({
      type: 'snapshot',
      id: null,
      data: {
        clusters,
        explanations: {},
        runs,
        pool: pool(),
        health: { ok: true, message: null, code: null, seen: null, ...health }
      }
    });
  }

  /** End all connections. */
  hangUp(): void {
    const listeners = [...this.listeners];
    this.listeners.clear();
    listeners.forEach(listener => {
      listener.onClosed();
    });
  }

  /** Answer the oldest open question of a kind. */
  async answer(kind: string, value?: unknown): Promise<void> {
    this._take(kind).resolve(value);
    await settle();
  }

  async refuse(kind: string, error: ApiError): Promise<void> {
    this._take(kind).reject(error);
    await settle();
  }

  open(kind: string): number {
    return this._open.filter(question => question.kind.startsWith(kind)).length;
  }

  private _hold<T>(kind: string): Promise<T> {
    this.asked.push(kind);
    const answer = new PromiseDelegate<unknown>();
    this._open.push({ kind, answer });
    return answer.promise as Promise<T>;
  }

  private _take(kind: string): PromiseDelegate<unknown> {
    const index = this._open.findIndex(question => question.kind.startsWith(kind));
    const [question] = index < 0 ? [] : this._open.splice(index, 1);
    if (!question) {
      throw new Error(`nobody asked to ${kind}, only: ${this.asked.join(', ')}`);
    }
    return question.answer;
  }

  private readonly _open: { kind: string; answer: PromiseDelegate<unknown> }[] = [];
}

/** Clusters that are what the test says. */
export class SetClusters implements IClusters {
  readonly changed = new Signal<this, void>(this);
  entries: readonly IEntry[] = [];
  seen: number | null = Date.now();
  trouble: ApiError | null = null;
  watchers = 0;

  create = jest.fn<Promise<Cluster>, [NewCluster]>();
  recall = jest.fn<Promise<void>, [string]>(() => Promise.resolve());
  refresh = jest.fn(() => Promise.resolve());
  change = jest.fn<unknown, [string, Change]>();
  release = jest.fn<Promise<void>, [string]>(() => Promise.resolve());
  stop = jest.fn<Promise<void>, [string]>(() => Promise.resolve());

  set(parts: Partial<Pick<SetClusters, 'entries' | 'seen' | 'trouble'>>): void {
    Object.assign(this, parts);
    this.changed.emit();
  }

  watch(): IDisposable {
    this.watchers += 1;
    return new DisposableDelegate(() => {
      this.watchers -= 1;
    });
  }
}

/** Runs that are what the test says. */
export class SetRuns implements IRuns {
  readonly changed = new Signal<this, void>(this);
  entries: readonly IRunEntry[] = [];
  trouble: ApiError | null = null;

  refresh = jest.fn(() => Promise.resolve());
  cancel = jest.fn<Promise<void>, [string]>(() => Promise.resolve());
  again = jest.fn<Promise<void>, [string]>(() => Promise.resolve());
  remove = jest.fn<Promise<void>, [string]>(() => Promise.resolve());
  tasks = jest.fn<Promise<readonly FailedTask[]>, [string]>(() => Promise.resolve([]));
  log = jest.fn<Promise<LogPart>, [string, string]>();

  set(parts: Partial<Pick<SetRuns, 'entries' | 'trouble'>>): void {
    Object.assign(this, parts);
    this.changed.emit();
  }
}

/** A facility that is what the test says. */
export class SetFacility implements IFacility {
  readonly changed = new Signal<this, void>(this);
  pool: Pool | null = pool();
  examples: readonly Example[] | null = null;
  examplesTrouble: ApiError | null = null;

  about = jest.fn(() => Promise.resolve(root()));
  match = jest.fn<Promise<Match>, [Specification]>(() =>
    Promise.resolve({ now: 14, ever: 52, sites: [], never: [], fits: null })
  );
  loadExamples = jest.fn(() => Promise.resolve());
  openExample = jest.fn<Promise<string>, [string]>(id => Promise.resolve(`${id}.ipynb`));

  set(parts: Partial<Pick<SetFacility, 'pool' | 'examples' | 'examplesTrouble'>>): void {
    Object.assign(this, parts);
    this.changed.emit();
  }

  url(path: string): string {
    return `/${path}`;
  }
}

/** A dashboard that is what the test says. */
export class SetDashboards implements IDashboards {
  readonly changed = new Signal<this, void>(this);
  source: Source | null = null;
  plots: readonly Plot[] | null = null;
  trouble: ApiError | null = null;

  follow = jest.fn<unknown, [Source]>();
  refresh = jest.fn(() => Promise.resolve());
  use = jest.fn<IDashboardUse, [Source]>();

  set(parts: Partial<Pick<SetDashboards, 'source' | 'plots' | 'trouble'>>): void {
    Object.assign(this, parts);
    this.changed.emit();
  }
}

/** A dashboard that is what the test says. */
export class SetDashboard implements IDashboard {
  readonly changed = new Signal<this, void>(this);
  plots: readonly Plot[] | null = null;
  trouble: ApiError | null = null;

  constructor(readonly source: Source) {}

  refresh = jest.fn(() => Promise.resolve());

  set(parts: Partial<Pick<SetDashboard, 'plots' | 'trouble'>>): void {
    Object.assign(this, parts);
    this.changed.emit();
  }
}

/** Let everything happen that waits for a promise only. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}

/** Wait until something is there, for at most forty seconds. */
export async function until<T>(what: string, look: () => T | null | undefined | false): Promise<T> {
  const end = Date.now() + 40_000;
  for (;;) {
    const found = look();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`waited for ${what} in vain; there is:\n${document.body.innerHTML}`);
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** The first element of a kind; throws when there is none. */
export function find(selector: string, root: ParentNode = document): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) {
    throw new Error(`no ${selector} in:\n${document.body.innerHTML}`);
  }
  return found;
}

export function findField(selector: string, root?: ParentNode): HTMLInputElement {
  const found = find(selector, root);
  if (!(found instanceof HTMLInputElement)) {
    throw new Error(`${selector} is not a field`);
  }
  return found;
}

export function press(node: HTMLElement, key: string): void {
  // JupyterLab 4.2 reads the key by its number.
  const keyCode = KEY_CODES[key] ?? 0;
  node.dispatchEvent(
    new KeyboardEvent('keydown', { key, keyCode, bubbles: true, cancelable: true })
  );
}

const KEY_CODES: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, Escape: 27 };

/** Type over what stands in a field. */
export function type(field: HTMLInputElement, text: string): void {
  field.focus();
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value') ?? {};
  set?.call(field, text);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
