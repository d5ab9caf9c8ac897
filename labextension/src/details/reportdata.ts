/** What a report on a cluster has, and how it is loaded. */
import { asApiError, type IApi, type ILogQuery, type WorkerJob, type WorkerState } from '../api';
import type { IEntry } from '../tokens';
import { counted, type IPoint } from './layers';
import { redactedData } from './redacted';

/** Lines of each log, counted from its end. */
const LINES = 500;

/** The starts of the scheduler whose logs are in a report: the newest ones. */
const STARTS = 3;

/** The workers' jobs whose logs are in a report. */
const JOBS = 8;

/** The states of jobs whose logs say most, in this order; a job that waits has no log. */
const TELLING: readonly WorkerState[] = ['held', 'lost', 'starting', 'leaving', 'connected'];

/** The end of a log, or why it is not there. */
export interface IReportLog {
  /** Id of a worker's job; null for the scheduler. */
  readonly worker: string | null;
  /** Which start of the scheduler; null for a worker. */
  readonly start: number | null;
  readonly text: string | null;
  readonly problem: string | null;
}

export interface IReport {
  readonly entry: IEntry;
  /** Milliseconds since 1970. */
  readonly made: number;
  readonly points: readonly IPoint[];
  readonly workers: readonly WorkerJob[];
  readonly logs: readonly IReportLog[];
  /** Why parts are missing. */
  readonly problems: readonly string[];
}

/** Load all of a report. Never rejects with an `ApiError`: the report says what is missing. */
export async function loadReport(api: IApi, entry: IEntry, made: number): Promise<IReport> {
  const { name } = entry.cluster;
  const problems: string[] = [];
  const orNone = async <T>(asked: Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await asked;
    } catch (error) {
      problems.push(asApiError(error).message);
      return [];
    }
  };
  const [points, workers, ofScheduler] = await Promise.all([
    orNone(api.timeline(name)),
    orNone(api.workers(name)),
    schedulerLogs(api, name)
  ]);
  const ofWorkers = await Promise.all(
    tellingJobs(workers).map(({ id }) => readLog(api, name, { worker: id }).then(({ log }) => log))
  );
  return redactedData({
    // What the user tried here last is of no use elsewhere.
    entry: { ...entry, problem: null },
    made,
    points: points.map(({ when, counts }) => ({
      when: Date.parse(when),
      counted: counted(counts)
    })),
    workers,
    logs: [...ofScheduler, ...ofWorkers],
    problems
  });
}

/** The jobs whose logs say most. */
export function tellingJobs(workers: readonly WorkerJob[]): readonly WorkerJob[] {
  return workers
    .filter(({ state }) => TELLING.includes(state))
    .sort((one, other) => TELLING.indexOf(one.state) - TELLING.indexOf(other.state))
    .slice(0, JOBS);
}

async function schedulerLogs(api: IApi, name: string): Promise<readonly IReportLog[]> {
  const { log, starts } = await readLog(api, name, {});
  const earlier = starts.filter(start => start !== log.start).slice(1 - STARTS);
  const logs = await Promise.all(earlier.map(start => readLog(api, name, { start })));
  return [...logs.map(({ log }) => log), log];
}

async function readLog(
  api: IApi,
  name: string,
  query: Pick<ILogQuery, 'worker' | 'start'>
): Promise<{ readonly log: IReportLog; readonly starts: readonly number[] }> {
  const worker = query.worker ?? null;
  try {
    const { start, starts, text } = await api.logs(name, { ...query, lines: LINES });
    return {
      log: { worker, start: worker === null ? start : null, text, problem: null },
      starts: starts.map(({ number }) => number)
    };
  } catch (error) {
    const problem = asApiError(error).message;
    return { log: { worker, start: query.start ?? null, text: null, problem }, starts: [] };
  }
}
