/** The server's REST interface and its events, typed. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

import { asRefusal, ServerAway } from './errors';
import type {
  Change,
  Cluster,
  EventMessage,
  Example,
  FailedTask,
  IdleChange,
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
} from './types';

/** Selects a part of a log. */
export interface ILogQuery {
  /** Id of a worker's job; the scheduler's log if absent. */
  readonly worker?: string;
  /** Which start of the scheduler, from 1; the newest that wrote something if absent. */
  readonly start?: number;
  /** The maximum number of lines, counted from the end. */
  readonly lines?: number;
  /** The `cursor` of an earlier answer: returns only text written since then. */
  readonly after?: string;
}

/** Callbacks of a connection. */
export interface IListener {
  readonly onMessage: (message: EventMessage) => void;
  /** Called once, when the connection is closed or could not be opened. */
  readonly onClosed: () => void;
}

/** All methods reject with an `ApiError`. */
export interface IApi {
  root(): Promise<Root>;
  list(): Promise<Cluster[]>;
  create(request: NewCluster): Promise<Cluster>;
  change(name: string, change: Change | IdleChange): Promise<Cluster>;
  /** Start a cluster again that is on hold or has failed. */
  release(name: string): Promise<Cluster>;
  stop(name: string): Promise<void>;

  workers(name: string): Promise<readonly WorkerJob[]>;
  removeWorker(name: string, id: string): Promise<void>;
  releaseWorker(name: string, id: string): Promise<void>;
  timeline(name: string): Promise<readonly TimelinePoint[]>;
  logs(name: string, query: ILogQuery): Promise<LogPart>;
  plots(name: string): Promise<readonly Plot[]>;

  pool(): Promise<Pool>;
  match(specification: Specification): Promise<Match>;
  examples(): Promise<readonly Example[]>;
  /** Copy an example into the user's folder, unless it is there; resolves to its path. */
  openExample(id: string): Promise<string>;

  runs(): Promise<Run[]>;
  /** Remove the jobs of a run; the results that it has stay. */
  cancelRun(name: string): Promise<Run>;
  /** Run the calls again that failed or were cancelled. */
  runAgain(name: string): Promise<Run>;
  /** Remove a run with its jobs and results. */
  removeRun(name: string): Promise<void>;
  /** The tasks of which calls have no result, although they ended. */
  failedTasks(name: string): Promise<readonly FailedTask[]>;
  /** The last lines that a task has written. */
  taskLog(name: string, task: string, lines: number): Promise<LogPart>;

  /** Listen to the events until the result is disposed of. */
  listen(listener: IListener): IDisposable;

  /** The URL of a path that the server returned. */
  url(path: string): string;
}

/** Longer than the server's own time limit for HTCondor, so that the user sees the server's error. */
const TIMEOUT = 60_000;

const ROOT = 'af-lab/api/';

export class Api implements IApi {
  constructor(settings: ServerConnection.ISettings) {
    this._settings = settings;
  }

  async root(): Promise<Root> {
    return this._ask('GET', '');
  }

  async list(): Promise<Cluster[]> {
    return this._pages('clusters');
  }

  async create(request: NewCluster): Promise<Cluster> {
    return this._ask('POST', 'clusters', request);
  }

  async change(name: string, change: Change | IdleChange): Promise<Cluster> {
    return this._ask('PATCH', path(name), change);
  }

  async release(name: string): Promise<Cluster> {
    return this._ask('POST', path(name, 'release'));
  }

  async stop(name: string): Promise<void> {
    await this._ask('DELETE', path(name));
  }

  async workers(name: string): Promise<readonly WorkerJob[]> {
    return (await this._ask<{ workers: WorkerJob[] }>('GET', path(name, 'workers'))).workers;
  }

  async removeWorker(name: string, id: string): Promise<void> {
    await this._ask('DELETE', path(name, 'workers', id));
  }

  async releaseWorker(name: string, id: string): Promise<void> {
    await this._ask('POST', path(name, 'workers', id, 'release'));
  }

  async timeline(name: string): Promise<readonly TimelinePoint[]> {
    return (await this._ask<{ points: TimelinePoint[] }>('GET', path(name, 'timeline'))).points;
  }

  async logs(name: string, query: ILogQuery): Promise<LogPart> {
    const told = Object.entries(query).filter(([, value]) => value !== undefined);
    const asked = URLExt.objectToQueryString(Object.fromEntries(told));
    return this._ask('GET', path(name, 'logs') + asked);
  }

  async plots(name: string): Promise<readonly Plot[]> {
    return (await this._ask<{ plots: Plot[] }>('GET', path(name, 'plots'))).plots;
  }

  async pool(): Promise<Pool> {
    return this._ask('GET', 'pool');
  }

  async match(specification: Specification): Promise<Match> {
    return this._ask('POST', 'match', specification);
  }

  async examples(): Promise<readonly Example[]> {
    return (await this._ask<{ examples: Example[] }>('GET', 'examples')).examples;
  }

  async openExample(id: string): Promise<string> {
    const { path } = await this._ask<{ path: string }>(
      'POST',
      `examples/${encodeURIComponent(id)}/open`
    );
    return path;
  }

  async runs(): Promise<Run[]> {
    return this._pages('runs');
  }

  async cancelRun(name: string): Promise<Run> {
    return this._ask('POST', runPath(name, 'cancel'));
  }

  async runAgain(name: string): Promise<Run> {
    return this._ask('POST', runPath(name, 'again'));
  }

  async removeRun(name: string): Promise<void> {
    await this._ask('DELETE', runPath(name));
  }

  async failedTasks(name: string): Promise<readonly FailedTask[]> {
    return this._ask('GET', runPath(name, 'tasks'));
  }

  async taskLog(name: string, task: string, lines: number): Promise<LogPart> {
    return this._ask('GET', runPath(name, 'logs') + URLExt.objectToQueryString({ task, lines }));
  }

  listen({ onMessage, onClosed }: IListener): IDisposable {
    const { appendToken, token, wsUrl, WebSocket } = this._settings;
    const query = appendToken && token !== '' ? `?token=${encodeURIComponent(token)}` : '';
    const socket = new WebSocket(`${URLExt.join(wsUrl, ROOT, 'events')}${query}`);
    let open = true;
    const close = (): void => {
      open = false;
      socket.close();
    };
    socket.onmessage = (event): void => {
      if (open) {
        onMessage(JSON.parse(event.data as string) as EventMessage);
      }
    };
    socket.onclose = (): void => {
      if (open) {
        close();
        onClosed();
      }
    };
    return new DisposableDelegate(close);
  }

  url(path: string): string {
    return URLExt.join(this._settings.baseUrl, path);
  }

  /** All pages of a list, which has the name of its path. */
  private async _pages<T>(list: string): Promise<T[]> {
    const items: T[] = [];
    let query = '';
    for (;;) {
      const page = await this._ask<Record<string, unknown>>('GET', `${list}${query}`);
      items.push(...(page[list] as T[]));
      if (page.cursor === null) {
        return items;
      }
      query = URLExt.objectToQueryString({ cursor: page.cursor as string });
    }
  }

  private async _ask<T>(method: string, path: string, body?: object): Promise<T> {
    const init: RequestInit = { method, signal: AbortSignal.timeout(TIMEOUT) };
    if (body) {
      init.body = JSON.stringify(body);
      init.headers = { 'Content-Type': 'application/json' };
    }
    let response: Response;
    let text: string;
    try {
      const url = this._settings.baseUrl + ROOT + path;
      response = await ServerConnection.makeRequest(url, init, this._settings);
      text = await response.text();
    } catch (error) {
      throw new ServerAway(error instanceof Error ? error.message : String(error));
    }
    const answer = parse(text);
    if (!response.ok) {
      throw asRefusal(response, answer ?? {});
    }
    if (answer === undefined && response.status !== 204) {
      // Something else answered instead of the server, for example a login page.
      throw new ServerAway(`${response.status} ${response.statusText}`.trim());
    }
    return answer as T;
  }

  private readonly _settings: ServerConnection.ISettings;
}

function path(name: string, ...parts: string[]): string {
  return ['clusters', name, ...parts].map(encodeURIComponent).join('/');
}

function runPath(name: string, ...parts: string[]): string {
  return ['runs', name, ...parts].map(encodeURIComponent).join('/');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
