/** Details of a refusal, so that it can be shown beside the right field. */
export interface IAbout {
  /** What is wrong with each field that was given. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Which limit was exceeded. */
  readonly limit?: string;
}

/**
 * The errors of a request to the server:
 *
 * ApiError                the server refused the request, and says why
 * ├── CondorUnavailable   the server answers, but HTCondor does not
 * ├── ExtensionMissing    the server answers, but does not have the af_lab extension
 * └── ServerAway          the server does not answer
 */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';

  /**
   * @param message - What happened, why, and what to do.
   * @param reason - The kind of error, as a title.
   * @param code - The class of the error on the server; null if the error is not from af_lab.
   * @param about - The fields or the limit that it concerns.
   */
  constructor(
    message: string,
    readonly reason: string | null = null,
    readonly code: string | null = null,
    readonly about: IAbout = {}
  ) {
    super(message);
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

/** Statuses that proxies and JupyterHub return if the server does not run. */
const AWAY = new Set([424, 502, 503, 504]);

/** The body of a refusal. */
export interface IRefusal extends IAbout {
  readonly message?: string;
  readonly reason?: string | null;
  readonly code?: string;
}

/** Only af_lab's own refusals carry a `code`; the others come from Jupyter or from something in between. */
export function asRefusal(response: Response, body: IRefusal): ApiError {
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
  const { fields, limit } = body;
  return new ApiError(message, reason, code, {
    ...(fields && { fields }),
    ...(limit && { limit })
  });
}
