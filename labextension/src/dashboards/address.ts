/** Finds the pages of a Dask dashboard below the Jupyter server, from the address that the user enters. */

/** Why an address cannot be shown. */
export type Wrong = 'foreign' | 'malformed' | 'scheduler' | 'secure';

/** What an address means. */
export type Located =
  | { readonly kind: 'cluster'; readonly name: string }
  /** `folder` is relative to the server's base URL, and ends with a slash. */
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'wrong'; readonly wrong: Wrong };

/** The pages of a Dask dashboard whose addresses users copy. The path before them is their common folder. */
const PAGE =
  /(?:individual-[\w-]+(?:\.json)?|status|workers|tasks|system|profile|profile-server|graph|groups|statics\/.*|info\/.*)$/;

const OURS = /^af-lab\/api\/clusters\/([^/]+)\/dashboard(?:\/|$)/;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0']);

/** Host names that jupyter-server-proxy accepts. */
const HOST = /^[\w.-]+$/;

const WITHOUT_SCHEME = /^(?:\[[\da-f:]+\]|[\w.-]+):\d+(?:\/|$)/i;

/**
 * Find out where a dashboard is.
 *
 * @param address - As the user enters it or Dask prints it.
 * @param baseUrl - The base URL of the Jupyter server; requests go only to addresses below it.
 */
export function locate(address: string, baseUrl: string): Located {
  const server = new URL(baseUrl, window.location.href);
  const url = parse(address.trim(), server);
  if (typeof url === 'string') {
    return { kind: 'wrong', wrong: url };
  }
  const local = LOOPBACK.has(url.hostname) || url.hostname === server.hostname;
  if (local && port(url) === port(server)) {
    return url.pathname.startsWith(server.pathname)
      ? below(url.pathname.slice(server.pathname.length))
      : { kind: 'wrong', wrong: 'foreign' };
  }
  if (url.protocol === 'https:') {
    return { kind: 'wrong', wrong: 'secure' };
  }
  if (!local && !HOST.test(url.hostname)) {
    return { kind: 'wrong', wrong: 'malformed' };
  }
  const place = local ? port(url) : `${url.hostname}:${port(url)}`;
  return { kind: 'folder', folder: `proxy/${place}/${folder(url.pathname.slice(1))}` };
}

/** What is wrong with an address, wherever the Jupyter server runs; null if nothing is wrong. */
export function wrongSyntax(address: string): Wrong | null {
  const url = parse(address.trim(), new URL(window.location.href));
  return typeof url === 'string' ? url : null;
}

/** "127.0.0.1:8787", or the path if the dashboard does not have a host of its own. */
export function placeOf(address: string): string {
  const match = /^(?:\w+:\/\/)?([^/]+)/.exec(address);
  return match?.[1] ?? address;
}

function parse(text: string, server: URL): URL | Wrong {
  const full = /^\d+$/.test(text)
    ? `http://127.0.0.1:${text}`
    : WITHOUT_SCHEME.test(text)
      ? `http://${text}`
      : text;
  if (/^(?:tcp|tls|ucx|inproc|wss?):\/\//.test(full)) {
    return 'scheduler';
  }
  if (full.startsWith('/') || full.startsWith('proxy/')) {
    return asUrl(full, server);
  }
  return /^https?:\/\/./.test(full) ? asUrl(full, server) : 'malformed';
}

function asUrl(text: string, server: URL): URL | Wrong {
  try {
    return new URL(text, server);
  } catch {
    return 'malformed';
  }
}

function below(path: string): Located {
  const [, name] = OURS.exec(path) ?? [];
  return name === undefined
    ? { kind: 'folder', folder: folder(path) }
    : { kind: 'cluster', name: decodeURIComponent(name) };
}

function folder(path: string): string {
  const found = path.replace(PAGE, '');
  return found === '' || found.endsWith('/') ? found : `${found}/`;
}

function port(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}
