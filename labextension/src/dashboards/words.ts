/** Texts of the dashboards, as pure functions of the state. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../api';
import type { Source } from '../tokens';
import { placeOf, type Wrong } from './address';

/** A plot's name among the settings, commands and saved layouts: the last part of its address. */
export function plotOf(url: string): string {
  const last = url.slice(url.lastIndexOf('/') + 1);
  return last.replace(/\.html$/, '');
}

/** The page that has all of Dask's main plots. */
export const WHOLE = 'status';

/** The title of a plot. */
export function plotTitle(plot: string, trans: TranslationBundle): string {
  const titles: Readonly<Record<string, string>> = {
    status: trans.__('Whole Dashboard'),
    'individual-aggregate-time-per-action': trans.__('Time per Action'),
    'individual-bandwidth-types': trans.__('Bandwidth by Type'),
    'individual-bandwidth-workers': trans.__('Bandwidth between Workers'),
    'individual-compute-time-per-key': trans.__('Compute Time per Key'),
    'individual-contention': trans.__('Event Loop Contention'),
    'individual-cpu': trans.__('CPU Use'),
    'individual-gpu-memory': trans.__('GPU Memory'),
    'individual-gpu-utilization': trans.__('GPU Use'),
    'individual-graph': trans.__('Task Graph'),
    'individual-group-progress': trans.__('Progress by Group'),
    'individual-groups': trans.__('Task Groups'),
    'individual-memory-by-key': trans.__('Memory by Key'),
    'individual-nprocessing': trans.__('Tasks Processing'),
    'individual-profile-server': trans.__('Profile of the Scheduler'),
    'individual-rmm-memory': trans.__('GPU Memory (RMM)'),
    'individual-task-stream': trans.__('Task Stream'),
    'individual-workers-cpu-timeseries': trans.__('Workers CPU over Time'),
    'individual-workers-disk-timeseries': trans.__('Workers Disk over Time'),
    'individual-workers-memory-timeseries': trans.__('Workers Memory over Time'),
    'individual-workers-network-timeseries': trans.__('Workers Network over Time'),
    'individual-workers-transfer-bytes': trans.__('Workers Transfers')
  };
  return titles[plot] ?? spoken(plot);
}

/** Whether a plot is about GPUs only. */
export function isOfGpus(plot: string): boolean {
  return /^individual-(?:gpu|rmm)-/.test(plot);
}

/** Whether a plot matches a search, by its title here or by Dask's own name. */
export function isMeant(plot: { title: string; url: string }, search: string): boolean {
  const known = `${plot.title} ${spoken(plotOf(plot.url))}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => known.includes(word));
}

/** "dimuon", "127.0.0.1:8787" */
export function sourceName(source: Source): string {
  return source.kind === 'cluster' ? source.name : placeOf(source.url);
}

export function gone(name: string, trans: TranslationBundle): ApiError {
  return new ApiError(
    trans.__('Choose another cluster in the Analysis Facility panel.'),
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

function spoken(plot: string): string {
  return plot
    .replace(/^individual-/, '')
    .split('-')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
    .replace(/\bCpu\b/, 'CPU')
    .replace(/\bGpu\b/, 'GPU');
}
