/** What the tests share: clusters as the server describes them, and parts that behave as they are told. */
import { PromiseDelegate } from '@lumino/coreutils';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { ApiError, IApi, ICluster, ICounts, INewCluster } from '../src/api';
import type { IClusters, IEntry } from '../src/tokens';

const NO_WORKERS: ICounts = { requested: 0, idle: 0, running: 0, connected: 0, held: 0, lost: 0 };

type ClusterParts = Partial<Omit<ICluster, 'counts'>> & { counts?: Partial<ICounts> };

/** A running cluster named `dimuon` that wants two workers, but for what is said. */
export function cluster({ counts, ...parts }: ClusterParts = {}): ICluster {
  return {
    name: 'dimuon',
    id: 1,
    state: 'running',
    reason: null,
    workers: 2,
    generation: 1,
    ...parts,
    counts: { ...NO_WORKERS, ...counts }
  };
}

export function entry(parts: ClusterParts = {}, more: Partial<IEntry> = {}): IEntry {
  const described = cluster(parts);
  return {
    cluster: described,
    state: described.state,
    wanted: described.workers ?? 0,
    saving: false,
    problem: null,
    ...more
  };
}

/** A server that holds every answer back until the test gives it. */
export class HoldsAnswersBack implements IApi {
  readonly asked: string[] = [];

  list(): Promise<ICluster[]> {
    return this._hold('list');
  }

  create(request: INewCluster): Promise<ICluster> {
    return this._hold(`create ${request.name} ${request.workers}`);
  }

  scale(name: string, workers: number): Promise<ICluster> {
    return this._hold(`scale ${name} ${workers}`);
  }

  stop(name: string): Promise<void> {
    return this._hold(`stop ${name}`);
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

  create = jest.fn<Promise<ICluster>, [INewCluster]>();
  refresh = jest.fn(() => Promise.resolve());
  scale = jest.fn<unknown, [string, number]>();
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

/** Let everything happen that waits for a promise only. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}

/** Wait until something is there, for at most four seconds. */
export async function until<T>(what: string, look: () => T | null | undefined | false): Promise<T> {
  const end = Date.now() + 4_000;
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
  node.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

/** Type over what stands in a field. */
export function type(field: HTMLInputElement, text: string): void {
  field.focus();
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value') ?? {};
  set?.call(field, text);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
