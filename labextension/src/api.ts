/**
 * The server's REST interface, typed. Errors:
 *
 * ApiError                the server said no, and why
 * ├── CondorUnavailable   the server is there, HTCondor does not answer it
 * ├── ExtensionMissing    the server is there, its af_lab extension is not
 * └── ServerAway          nobody answered
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

export type ClusterState = 'pending' | 'running' | 'stopping' | 'ended' | 'failed';

/** Whether a cluster can be used, and changed. */
export function isLive(state: ClusterState): boolean {
  return state === 'pending' || state === 'running';
}

/** Whether only its record is left: its name is free again. */
export function isOver(state: ClusterState): boolean {
  return state === 'ended' || state === 'failed';
}

/** Numbers of worker processes. */
export interface ICounts {
  readonly requested: number;
  readonly idle: number;
  /** Those whose job runs: connected or not yet. */
  readonly running: number;
  readonly connected: number;
  readonly held: number;
  readonly lost: number;
}

export interface ICluster {
  readonly name: string;
  /** The id of the scheduler's job in the HTCondor queue. */
  readonly id: number;
  readonly state: ClusterState;
  readonly reason: string | null;
  /** How many are wanted; null while the cluster adapts by itself. */
  readonly workers: number | null;
  /** Counts the changes of what is wanted. */
  readonly generation: number;
  readonly counts: ICounts;
}

export interface INewCluster {
  readonly name: string;
  readonly workers: number;
}

export interface IApi {
  list(): Promise<ICluster[]>;
  create(request: INewCluster): Promise<ICluster>;
  scale(name: string, workers: number): Promise<ICluster>;
  stop(name: string): Promise<void>;
}

export class ApiError extends Error {
  override readonly name: string = 'ApiError';

  /**
   * @param message - What happened, why, and what to do.
   * @param reason - The kind of it, as a headline.
   * @param code - The class of the error on the server; null when af_lab was not asked.
   */
  constructor(
    message: string,
    readonly reason: string | null = null,
    readonly code: string | null = null
  ) {
    super(message);
  }

  /** An Error's message is left out of JSON otherwise. */
  toJSON(): object {
    const { name, message, reason, code } = this;
    return { name, message, reason, code };
  }
}

export class CondorUnavailable extends ApiError {
  override readonly name = 'CondorUnavailable';
}

export class ExtensionMissing extends ApiError {
  override readonly name = 'ExtensionMissing';
}

export class ServerAway extends ApiError {
  override readonly name = 'ServerAway';
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(String(error));
}

/** Longer than the server's own deadline for HTCondor, so that its answer is the one that is shown. */
const TIMEOUT = 60_000;

/** What proxies and JupyterHub answer for a server that is not there. */
const AWAY = new Set([424, 502, 503, 504]);

interface IErrorBody {
  readonly message?: string;
  readonly reason?: string | null;
  readonly code?: string;
}

interface IPage {
  readonly clusters: ICluster[];
  readonly cursor: string | null;
}

export class Api implements IApi {
  constructor(settings: ServerConnection.ISettings) {
    this._settings = settings;
  }

  async list(): Promise<ICluster[]> {
    const clusters: ICluster[] = [];
    let query = '';
    for (;;) {
      const page = (await this._request('GET', `clusters${query}`)) as IPage;
      clusters.push(...page.clusters);
      if (page.cursor === null) {
        return clusters;
      }
      query = URLExt.objectToQueryString({ cursor: page.cursor });
    }
  }

  async create(request: INewCluster): Promise<ICluster> {
    return (await this._request('POST', 'clusters', { ...request })) as ICluster;
  }

  async scale(name: string, workers: number): Promise<ICluster> {
    return (await this._request('PATCH', this._path(name), { workers })) as ICluster;
  }

  async stop(name: string): Promise<void> {
    await this._request('DELETE', this._path(name));
  }

  private _path(name: string): string {
    return `clusters/${encodeURIComponent(name)}`;
  }

  private async _request(method: string, path: string, body?: object): Promise<unknown> {
    const init: RequestInit = { method, signal: AbortSignal.timeout(TIMEOUT) };
    if (body) {
      init.body = JSON.stringify(body);
      init.headers = { 'Content-Type': 'application/json' };
    }
    let response: Response;
    let text: string;
    try {
      const url = this._settings.baseUrl + 'af-lab/api/' + path;
      response = await ServerConnection.makeRequest(url, init, this._settings);
      text = await response.text();
    } catch (error) {
      throw new ServerAway(error instanceof Error ? error.message : String(error));
    }
    const answer = parse(text);
    if (!response.ok) {
      throw refusal(response, answer ?? {});
    }
    if (answer === undefined && response.status !== 204) {
      // A login page, say: somebody else answered in the server's place.
      throw new ServerAway(`${response.status} ${response.statusText}`.trim());
    }
    return answer;
  }

  private readonly _settings: ServerConnection.ISettings;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Only af_lab's own refusals carry a `code`; the others come from Jupyter or from something in between. */
function refusal(response: Response, body: IErrorBody): ApiError {
  const { status } = response;
  const { message = response.statusText || String(status), reason = null, code = null } = body;
  if (code === null && status === 404) {
    return new ExtensionMissing(message, reason);
  }
  if (code === null && AWAY.has(status)) {
    return new ServerAway(message, reason);
  }
  if (status === 503) {
    return new CondorUnavailable(message, reason, code);
  }
  return new ApiError(message, reason, code);
}
