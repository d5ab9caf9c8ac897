/** Texts of the dashboards, as pure functions of the state. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../api';
import type { Source } from '../tokens';
import { placeOf, type Wrong } from './address';

/** "dimuon", "127.0.0.1:8787" */
export function sourceName(source: Source): string {
  return source.kind === 'cluster' ? source.name : placeOf(source.url);
}

export function gone(name: string, trans: TranslationBundle): ApiError {
  return new ApiError(
    trans.__(
      'Its plots ended with it. Those of other clusters are in the Analysis Facility panel.'
    ),
    trans.__('The cluster %1 has ended', name)
  );
}

/** Why an address cannot be shown. */
export function wrongAddress(wrong: Wrong, trans: TranslationBundle): ApiError {
  return new ApiError(wrongWords(wrong, trans), trans.__('This address cannot be shown'));
}

function wrongWords(wrong: Wrong, trans: TranslationBundle): string {
  switch (wrong) {
    case 'foreign':
      return trans.__(
        'It is on the host of JupyterLab, but does not belong to your own Jupyter server.'
      );
    case 'malformed':
      return trans.__('Enter it as Dask prints it: `http://127.0.0.1:8787/status`.');
    case 'scheduler':
      return trans.__(
        'It is the address of a Dask scheduler. `client.dashboard_link` shows that of its dashboard, such as `http://127.0.0.1:8787/status`.'
      );
    case 'secure':
      return trans.__(
        'It begins with `https:`, which jupyter-server-proxy does not support. Open it in a tab of your browser instead.'
      );
  }
}

/** Why an address has no plots, by the status of the answer; null if there was no answer. */
export function noPlots(url: string, status: number | null, trans: TranslationBundle): ApiError {
  const place = placeOf(url);
  const host = place.replace(/:\d+$/, '');
  if (status === 403) {
    return new ApiError(
      trans.__(
        'jupyter-server-proxy connects only to hosts that the administrator allows: add "%1" to `c.ServerProxy.host_allowlist` in the configuration of the Jupyter server.',
        host
      ),
      trans.__('The Jupyter server may not connect to %1', host)
    );
  }
  if (status === null || status >= 500) {
    return new ApiError(
      trans.__(
        'Is its Dask scheduler running, on a port that the Jupyter server can reach? `client.dashboard_link` shows the address.'
      ),
      trans.__('No answer from %1', place)
    );
  }
  return new ApiError(
    trans.__(
      'Something else answers, or `bokeh` is missing where the scheduler runs. `client.dashboard_link` shows the address.'
    ),
    trans.__('No Dask dashboard at %1', place)
  );
}
