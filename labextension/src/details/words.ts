/** Texts of the details, as pure functions of the state. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Cluster, SchedulerStart, WorkerJob, WorkerState } from '../api';
import { ago, duration, exactDuration, remaining } from '../shared/duration';
import { roughSize } from '../shared/size';
import type { ICounted, Layer } from './layers';

export function workerStateWord(state: WorkerState, trans: TranslationBundle): string {
  switch (state) {
    case 'connected':
      return trans.__('connected');
    case 'starting':
      return trans.__('starting');
    case 'leaving':
      return trans.__('leaving');
    case 'waiting':
      return trans.__('waiting');
    case 'held':
      return trans.__('held');
    case 'lost':
      return trans.__('lost');
  }
}

export function layerWord(layer: Layer, trans: TranslationBundle): string {
  switch (layer) {
    case 'connected':
      return trans.__('connected');
    case 'starting':
      return trans.__('starting');
    case 'waiting':
      return trans.__('waiting');
    case 'stuck':
      return trans.__('held or lost');
  }
}

/** Date and time to the second, as the user's browser writes them. */
export function exactTime(when: string): string {
  return new Date(when).toLocaleString();
}

/** "12:05", or "12:05:30" where seconds matter. */
export function clock(when: number, seconds = false): string {
  const parts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Date(when).toLocaleTimeString(
    undefined,
    seconds ? { ...parts, second: '2-digit' } : parts
  );
}

/** "25 Nov" */
export function day(when: number): string {
  return new Date(when).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

/** "1.2 of 2 GB"; only the request if the use is not known yet. */
export function memoryWords(
  { memory_asked: asked, memory_used: used }: WorkerJob,
  trans: TranslationBundle
): string {
  if (used === null) {
    return roughSize(asked);
  }
  const [number = '', unit] = roughSize(used).split(' ');
  const limit = roughSize(asked);
  return trans.__('%1 of %2', limit.endsWith(` ${unit}`) ? number : roughSize(used), limit);
}

/** "1 core, 2 GB" */
export function jobWords({ cores, memory }: Cluster, trans: TranslationBundle): string {
  return trans._n('%1 core, %2', '%1 cores, %2', cores, roughSize(memory));
}

/** "Python 3.11.2, dask 2026.8.0, distributed 2026.8.0" */
export function environmentWords(
  { python, dask, distributed }: Cluster['environment'],
  trans: TranslationBundle
): string {
  const parts = { Python: python, dask, distributed };
  return Object.entries(parts)
    .map(([name, version]) => trans.__('%1 %2', name, version))
    .join(', ');
}

/** "start 2 of 3, until 12:05:30" */
export function startWords(
  { number, size, written }: SchedulerStart,
  all: number,
  trans: TranslationBundle
): string {
  if (size === 0) {
    return trans.__('start %1 of %2, wrote nothing', number, all);
  }
  return number === all
    ? trans.__('start %1 of %2', number, all)
    : trans.__('start %1 of %2, until %3', number, all, clock(Date.parse(written), true));
}

/** When the cluster ends by itself, or ended. */
export function whenItEnds(
  { ended, ends_at: ends, spec }: Cluster,
  now: number,
  trans: TranslationBundle
): string {
  if (ended !== null) {
    return trans.__('ended %1', ago(now - Date.parse(ended), trans));
  }
  if (ends !== null) {
    return trans.__('in %1, unless it gets work', remaining(Date.parse(ends) - now, trans));
  }
  return spec.idle_timeout === null
    ? trans.__('never by itself')
    : trans.__('after %1 without work', exactDuration(1000 * spec.idle_timeout, trans));
}

/** What the time line shows, in a sentence. */
export function timelineWords(
  begin: number,
  end: number,
  { now, most }: { now: ICounted; most: ICounted },
  trans: TranslationBundle
): string {
  const parts = (['starting', 'waiting', 'stuck'] as const)
    .filter(layer => now[layer] > 0)
    .map(layer => `${now[layer]} ${layerWord(layer, trans)}`);
  const workers = trans._n(
    '%1 worker is connected now',
    '%1 workers are connected now',
    now.connected
  );
  return trans.__(
    'Workers in the last %1: at most %2 were connected. %3.',
    duration(end - begin, trans),
    most.connected,
    [workers, ...parts].join(', ')
  );
}

/** What is lost when a worker's job is removed. */
export function removalWords(worker: WorkerJob, trans: TranslationBundle): string {
  const tasks =
    worker.tasks > 0 &&
    trans._n(
      'The %1 task it computes now starts again elsewhere.',
      'The %1 tasks it computes now start again elsewhere.',
      worker.tasks
    );
  const results =
    worker.connected > 0
      ? trans.__(
          'Results that are only in its memory are lost; Dask computes them again when they are needed.'
        )
      : trans.__('Its worker is not connected: nothing is lost.');
  const next = trans.__(
    'The cluster requests another job in its place. To have fewer workers, change the number of workers instead.'
  );
  return [tasks, results, next].filter(Boolean).join(' ');
}
