import type { TranslationBundle } from '@jupyterlab/translation';

/** A plot's name among the settings, commands and saved workspaces: the last part of its address. */
export function plotOf(url: string): string {
  const last = url.slice(url.lastIndexOf('/') + 1);
  return last.replace(/\.html$/, '');
}

/** The page that has all of Dask's main plots. */
export const WHOLE = 'status';

/** A plot, as people are shown it. */
export interface IKnownPlot {
  readonly title: string;
  /** What it shows, in a few words; empty for one that only a newer Dask knows. */
  readonly shows: string;
}

/** What a plot is called, and what it shows. */
export function knownPlot(plot: string, trans: TranslationBundle): IKnownPlot {
  const [title, shows] = table(trans)[plot] ?? [spoken(plot), ''];
  return { title, shows };
}

/** The title of a plot. */
export function plotTitle(plot: string, trans: TranslationBundle): string {
  return knownPlot(plot, trans).title;
}

/** Those that people need most come first; the others follow by their titles. */
export function inOrder<P extends { readonly title: string; readonly url: string }>(
  plots: readonly P[]
): readonly P[] {
  const rank = ({ url }: P): number => {
    const place = FIRST.indexOf(plotOf(url));
    return place < 0 ? FIRST.length : place;
  };
  return [...plots].sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title));
}

const FIRST = ['individual-progress', 'individual-task-stream', 'individual-workers-memory', WHOLE];

/** Whether a plot is about GPUs only. */
export function isOfGpus(plot: string): boolean {
  return /^individual-(?:gpu|rmm)-/.test(plot);
}

/** The plots that match a search by what they show or by Dask's own name; those whose title does come first. */
export function findPlots<P extends { readonly title: string; readonly url: string }>(
  plots: readonly P[],
  search: string,
  trans: TranslationBundle
): readonly P[] {
  const words = search.toLowerCase().split(/\s+/);
  const has = (text: string): boolean => words.every(word => text.toLowerCase().includes(word));
  const isTitled = ({ title }: P): boolean => has(title);
  const isMeant = ({ title, url }: P): boolean => {
    const plot = plotOf(url);
    return has(`${title} ${knownPlot(plot, trans).shows} ${spoken(plot)}`);
  };
  return [...plots.filter(isTitled), ...plots.filter(plot => !isTitled(plot) && isMeant(plot))];
}

/** The title and what is shown, by the plot's name. */
function table(trans: TranslationBundle): Readonly<Record<string, readonly [string, string]>> {
  return {
    status: [
      trans.__('Whole Dashboard'),
      trans.__('Task stream, progress and the memory of the workers on one page')
    ],
    'individual-progress': [
      trans.__('Progress'),
      trans.__('How many tasks of each kind are done, in memory, running or failed')
    ],
    'individual-task-stream': [
      trans.__('Task Stream'),
      trans.__('Which task each core runs, and when it only transfers data')
    ],
    'individual-workers-memory': [
      trans.__('Workers Memory'),
      trans.__('How much memory each worker uses, and how much is on disk')
    ],
    'individual-aggregate-time-per-action': [
      trans.__('Time per Action'),
      trans.__('How long all workers computed, transferred, and read or wrote disks')
    ],
    'individual-bandwidth-types': [
      trans.__('Bandwidth by Type'),
      trans.__('How fast each type of data moves between workers')
    ],
    'individual-bandwidth-workers': [
      trans.__('Bandwidth between Workers'),
      trans.__('How fast data moves from each worker to each other one')
    ],
    'individual-cluster-map': [
      trans.__('Cluster Map'),
      trans.__('A moving picture: workers compute, and send data to each other')
    ],
    'individual-cluster-memory': [
      trans.__('Cluster Memory'),
      trans.__('The memory that all workers use together')
    ],
    'individual-compute-time-per-key': [
      trans.__('Compute Time per Key'),
      trans.__('Which kinds of tasks took the most time')
    ],
    'individual-contention': [
      trans.__('Event Loop Contention'),
      trans.__('Whether the scheduler and the workers answer late because they are busy')
    ],
    'individual-cpu': [trans.__('CPU Use'), trans.__('How busy the CPU of each worker is now')],
    'individual-exceptions': [
      trans.__('Exceptions'),
      trans.__('The errors of tasks, with their worker and traceback')
    ],
    'individual-fine-performance-metrics': [
      trans.__('Fine Performance Metrics'),
      trans.__('What each kind of task spends its time on: CPU, network, disk, waiting')
    ],
    'individual-gpu-memory': [
      trans.__('GPU Memory'),
      trans.__('How much memory of each GPU is used')
    ],
    'individual-gpu-utilization': [trans.__('GPU Use'), trans.__('How busy each GPU is now')],
    'individual-graph': [
      trans.__('Task Graph'),
      trans.__('The tasks, and which of them need the results of others')
    ],
    'individual-group-progress': [
      trans.__('Progress by Group'),
      trans.__('How the tasks of each group advance over time')
    ],
    'individual-groups': [
      trans.__('Task Groups'),
      trans.__('The groups of tasks, and which of them need others')
    ],
    'individual-memory-by-key': [
      trans.__('Memory by Key'),
      trans.__('Which kinds of results take the most memory')
    ],
    'individual-nprocessing': [
      trans.__('Tasks Processing'),
      trans.__('How many tasks each worker has to do now')
    ],
    'individual-occupancy': [
      trans.__('Occupancy'),
      trans.__('How long each worker still needs for its tasks')
    ],
    'individual-profile': [
      trans.__('Profile'),
      trans.__('In which functions the tasks spend their time')
    ],
    'individual-profile-server': [
      trans.__('Profile of the Scheduler'),
      trans.__('In which functions the scheduler spends its time')
    ],
    'individual-rmm-memory': [
      trans.__('GPU Memory (RMM)'),
      trans.__('How much GPU memory the RAPIDS memory manager holds')
    ],
    'individual-scheduler-system': [
      trans.__('Scheduler System'),
      trans.__('CPU, memory and network of the scheduler over time')
    ],
    'individual-workers': [
      trans.__('Workers'),
      trans.__('A table of the workers: CPU, memory, network and disk of each')
    ],
    'individual-workers-cpu-timeseries': [
      trans.__('Workers CPU over Time'),
      trans.__('The CPU use of all workers over time')
    ],
    'individual-workers-disk': [
      trans.__('Workers Disk'),
      trans.__('How fast each worker reads and writes its disk now')
    ],
    'individual-workers-disk-timeseries': [
      trans.__('Workers Disk over Time'),
      trans.__('How fast all workers read and write their disks over time')
    ],
    'individual-workers-memory-timeseries': [
      trans.__('Workers Memory over Time'),
      trans.__('The memory of all workers over time')
    ],
    'individual-workers-network': [
      trans.__('Workers Network'),
      trans.__('How fast each worker sends and receives now')
    ],
    'individual-workers-network-timeseries': [
      trans.__('Workers Network over Time'),
      trans.__('How fast all workers send and receive over time')
    ],
    'individual-workers-transfer-bytes': [
      trans.__('Workers Transfers'),
      trans.__('How much data each worker sends to and gets from others now')
    ]
  };
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
