/** What the tests of the details share. */
import { cluster } from '../described';
import type { WorkerJob } from '../../src/api';
import { counted, type IPoint } from '../../src/details/layers';

/** A connected worker that uses half of its memory, but for what is said. */
export function job(parts: Partial<WorkerJob> = {}): WorkerJob {
  return {
    id: '7.0',
    state: 'connected',
    connected: 1,
    site: 'T2_IT_Legnaro',
    host: 'wn1.lnl.infn.it',
    since: '2026-11-25T12:00:00Z',
    memory_asked: 2e9,
    memory_used: 1e9,
    tasks: 0,
    starts: 1,
    reason: null,
    ...parts
  };
}

/** So many seconds after 1970, so many connected, starting and waiting workers. */
export function point(seconds: number, connected: number, starting = 0, waiting = 0): IPoint {
  const { counts } = cluster({ counts: { connected, starting, waiting } });
  return { when: 1000 * seconds, counted: counted(counts) };
}
