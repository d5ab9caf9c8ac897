/** Why a browser does not show a page of the Jupyter server in a pane, although it was loaded. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IMessage } from '../shared/words';

/** Headers that keep a page out of a pane. */
export type Barrier =
  /** `sources` are those that `frame-ancestors` allows at present. */
  | { readonly header: 'Content-Security-Policy'; readonly sources: string }
  | { readonly header: 'X-Frame-Options'; readonly value: string };

const POLICY = 'Content-Security-Policy';
const FRAME_OPTIONS = 'X-Frame-Options';

/** How long the server may take to answer, in milliseconds. */
const TIMEOUT = 15_000;

/** Whether a frame shows an error page of the browser, to which nobody has access, instead of its own page. */
export function isBlocked(frame: HTMLIFrameElement): boolean {
  return frame.contentDocument === null;
}

/**
 * Find the header that keeps a page out of the panes.
 *
 * @param headers - The headers of the page.
 * @param origin - The origin of JupyterLab and of the page.
 * @returns null if no header does.
 */
export function barrierIn(headers: Headers, origin: string): Barrier | null {
  // Several policies are joined by commas, and all of them count.
  const allowed = (headers.get(POLICY) ?? '').split(',').flatMap(ancestorsIn);
  const forbids = allowed.find(sources => !sources.some(source => isOf(source, origin)));
  if (forbids) {
    return { header: POLICY, sources: forbids.join(' ') };
  }
  // Browsers ignore it beside `frame-ancestors`.
  const value = headers.get(FRAME_OPTIONS);
  return value !== null && allowed.length === 0 && /^\s*deny\s*$/i.test(value)
    ? { header: FRAME_OPTIONS, value }
    : null;
}

/** Ask for the page again, and say which line of which setting is missing. */
export async function whyBlocked(url: string, trans: TranslationBundle): Promise<IMessage> {
  const title = trans.__('The browser does not show this page here');
  let barrier: Barrier | null = null;
  try {
    const { headers } = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT)
    });
    barrier = barrierIn(headers, window.location.origin);
  } catch {
    // A redirection, or no answer: what is said without a barrier holds for that, too.
  }
  return { title, text: blockedWords(barrier, trans) };
}

/** What keeps a page out of a pane, and what an administrator has to change. */
export function blockedWords(barrier: Barrier | null, trans: TranslationBundle): string {
  switch (barrier?.header) {
    case POLICY: {
      const rest = barrier.sources.replace(/^'none'$/i, '');
      const policy = ["frame-ancestors 'self'", rest].filter(Boolean).join(' ');
      return trans.__(
        'Its header `Content-Security-Policy` lacks `\'self\'` in `frame-ancestors`. An administrator can add it in `jupyter_server_config.py`: `c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": "%1"}}`, or in the proxy before the Jupyter server if that sets the header.',
        policy
      );
    }
    case FRAME_OPTIONS:
      return trans.__(
        'Its header `X-Frame-Options` is `%1`. An administrator can set it to `SAMEORIGIN`, in `c.ServerApp.tornado_settings` of `jupyter_server_config.py` or in the proxy before the Jupyter server.',
        barrier.value
      );
    default:
      return trans.__(
        'A rule of your browser, or of a proxy before the Jupyter server, forbids it. The console of the browser says which. The button beside “Plots of” in the panel copies an address for a tab of its own.'
      );
  }
}

function ancestorsIn(policy: string): string[][] {
  const directives = policy.split(';').map(directive => directive.trim().split(/\s+/));
  // Only the first of several counts.
  const found = directives.find(([name]) => name?.toLowerCase() === 'frame-ancestors');
  return found ? [found.slice(1)] : [];
}

/** Whether a source of `frame-ancestors`, which may have wildcards, is an origin. */
function isOf(source: string, origin: string): boolean {
  const { host, protocol } = new URL(origin);
  const plain = source.toLowerCase().replace(/\/$/, '');
  if (plain === "'self'" || plain === protocol) {
    return true;
  }
  const pattern = plain.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]+');
  const isLike = new RegExp(`^${pattern}$`);
  return isLike.test(host) || isLike.test(origin);
}
