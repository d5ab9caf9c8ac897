/** Selects and sorts the jobs that the table of workers shows. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { WorkerJob, WorkerState } from '../api';
import { workerStateWord } from './words';

export const COLUMNS = [
  'id',
  'state',
  'site',
  'host',
  'since',
  'tasks',
  'memory',
  'starts'
] as const;

export type Column = (typeof COLUMNS)[number];

/** Sorting and filter of the table. */
export interface IView {
  readonly column: Column;
  readonly descending: boolean;
  readonly filter: string;
}

export const FIRST_VIEW: IView = { column: 'id', descending: false, filter: '' };

/** The order of states; those that need attention are last. */
const WAY: readonly WorkerState[] = ['connected', 'leaving', 'starting', 'waiting', 'held', 'lost'];

/** The jobs that match the filter, sorted; unknown values are last. */
export function arranged(
  workers: readonly WorkerJob[],
  { column, descending, filter }: IView,
  trans: TranslationBundle
): WorkerJob[] {
  const wanted = filter.trim().toLowerCase();
  const fitting = workers.filter(
    ({ id, host, site, state }) =>
      wanted === '' ||
      [id, host, site, workerStateWord(state, trans)].some(
        text => text?.toLowerCase().includes(wanted) ?? false
      )
  );
  const sign = descending ? -1 : 1;
  return fitting.sort((a, b) => {
    const [one, other] = [valueOf(a, column), valueOf(b, column)];
    if (one === null || other === null) {
      return Number(one === null) - Number(other === null) || byId(a, b);
    }
    return sign * compare(one, other) || sign * byId(a, b);
  });
}

/** The view after a click on the head of a column; a second click reverses the order. */
export function sortedBy(view: IView, column: Column): IView {
  const descending = view.column === column && !view.descending;
  return { ...view, column, descending };
}

function valueOf(worker: WorkerJob, column: Column): number | string | null {
  switch (column) {
    case 'id':
      return 0;
    case 'state':
      return WAY.indexOf(worker.state);
    case 'since':
      // Sorted as the age that is shown: the youngest first.
      return -Date.parse(worker.since);
    case 'memory':
      return worker.memory_used;
    default:
      return worker[column];
  }
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : TEXT.compare(String(a), String(b));
}

const TEXT = new Intl.Collator(undefined, { numeric: true });

/** "99.10" comes before "100.2". */
function byId(a: WorkerJob, b: WorkerJob): number {
  const [cluster = 0, proc = 0] = a.id.split('.').map(Number);
  const [otherCluster = 0, otherProc = 0] = b.id.split('.').map(Number);
  return cluster - otherCluster || proc - otherProc;
}

/** A job and its place in the table. */
export interface IPlaced {
  readonly worker: WorkerJob;
  /** The number of its row; the head of the table is row 1. */
  readonly place: number;
}

/** The jobs with their rows, and the number of all rows. A job with a reason has a second row. */
export function placed(workers: readonly WorkerJob[]): { jobs: IPlaced[]; rows: number } {
  let rows = 1;
  const jobs = workers.map(worker => {
    const place = rows + 1;
    rows += worker.reason ? 2 : 1;
    return { worker, place };
  });
  return { jobs, rows };
}

/** The jobs in parts of a size. */
export function divided<T>(jobs: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(jobs.length / size) }, (_, part) =>
    jobs.slice(part * size, (part + 1) * size)
  );
}
