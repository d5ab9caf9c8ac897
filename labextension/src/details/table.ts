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

/** Sorting, filter and length of the table. */
export interface IView {
  readonly column: Column;
  readonly descending: boolean;
  readonly filter: string;
  /** The maximum number of rows. */
  readonly rows: number;
}

/** The maximum number of rows until the user asks for more. */
export const ROWS = 200;

export const FIRST_VIEW: IView = { column: 'id', descending: false, filter: '', rows: ROWS };

/** The order of states; those that need attention are last. */
const WAY: readonly WorkerState[] = ['connected', 'leaving', 'starting', 'waiting', 'held', 'lost'];

/** The jobs that match the filter, sorted; unknown values are last. */
export function arranged(
  workers: readonly WorkerJob[],
  { column, descending, filter }: Omit<IView, 'rows'>,
  trans: TranslationBundle
): WorkerJob[] {
  const wanted = filter.trim().toLowerCase();
  const fitting = workers.filter(({ id, host, site, state }) =>
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
