/** What the dashboards say, as functions of the state alone. */
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

/** A plot as people call it. */
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

/** Whether a plot tells of GPUs only. */
export function isOfGpus(plot: string): boolean {
  return /^individual-(?:gpu|rmm)-/.test(plot);
}

/** Whether a plot is what somebody looks for, who may know it by the name that Dask gives it. */
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
        'It is on the host of JupyterLab, but not among the pages of your own Jupyter server.'
      );
    case 'malformed':
      return trans.__('Type it as Dask prints it: `http://127.0.0.1:8787/status`.');
    case 'scheduler':
      return trans.__(
        'It is that of a Dask scheduler. Its dashboard is what `client.dashboard_link` tells: `http://127.0.0.1:8787/status`.'
      );
    case 'secure':
      return trans.__(
        'It begins with `https:`, which jupyter-server-proxy does not pass on. Open it in a tab of your browser instead.'
      );
  }
}

/** Why nothing came from an address, by the status of the answer; null: there was none. */
export function noPlots(url: string, status: number | null, trans: TranslationBundle): ApiError {
  const place = placeOf(url);
  const host = place.replace(/:\d+$/, '');
  if (status === 403) {
    return new ApiError(
      trans.__(
        'jupyter-server-proxy passes on what the administrator allows: for this host, `c.ServerProxy.host_allowlist` has to list "%1" in the configuration of the Jupyter server.',
        host
      ),
      trans.__('The Jupyter server may not ask %1', host)
    );
  }
  if (status === null || status >= 500) {
    return new ApiError(
      trans.__(
        'Is its Dask scheduler running, on a port that the Jupyter server can reach? `client.dashboard_link` tells the address.'
      ),
      trans.__('Nobody answers at %1', place)
    );
  }
  return new ApiError(
    trans.__(
      'Something else answers, or `bokeh` is missing where the scheduler runs. `client.dashboard_link` tells the address.'
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
