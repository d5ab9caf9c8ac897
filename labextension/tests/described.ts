/** Clusters, runs, a pool and examples as the server describes them. */
import type { Cluster, Counts, Example, Explanation, Pool, Root, Run } from '../src/api';
import type { IEntry, IRunEntry } from '../src/tokens';

const NO_WORKERS: Counts = {
  requested: 0,
  waiting: 0,
  starting: 0,
  connected: 0,
  leaving: 0,
  held: 0,
  lost: 0
};

const GB = 1e9;

type ClusterParts = Partial<Omit<Cluster, 'counts'>> & { counts?: Partial<Counts> };

/** A running cluster named `dimuon` that wants two workers, but for what is said. */
export function cluster({ counts, ...parts }: ClusterParts = {}): Cluster {
  const name = parts.name ?? 'dimuon';
  return {
    name,
    id: 1,
    state: 'running',
    reason: null,
    spec: {
      name,
      workers: 2,
      adapt: null,
      cores: 1,
      memory: 2 * GB,
      disk: 1 * GB,
      gpus: 0,
      arch: null,
      sites: [],
      environment: { kernel: 'python3', path: '/opt/python' },
      directory: '/home/physicist',
      variables: {},
      submit: {},
      time: null,
      idle_timeout: 3600
    },
    workers: 2,
    adapt: null,
    generation: 1,
    observed_generation: 1,
    sequence: 1,
    cpu: null,
    cores: 1,
    memory: 2 * GB,
    environment: {
      kernel: 'python3',
      path: '/opt/python',
      python: '3.11.2',
      dask: '2026.8.0',
      distributed: '2026.8.0',
      af_lab: '0.1.0'
    },
    scheduler_address: 'tls://10.0.0.1:8786',
    dashboard_url: `af-lab/api/clusters/${name}/dashboard/status`,
    created: '2026-11-25T12:00:00Z',
    idle_since: null,
    ends_at: null,
    ended: null,
    kept_results: 0,
    kept_bytes: 0,
    troubles: [],
    failing: null,
    progress: null,
    activity: null,
    doing: null,
    memory_use: null,
    ...parts,
    counts: { ...NO_WORKERS, ...counts }
  };
}

export function entry(parts: ClusterParts = {}, more: Partial<IEntry> = {}): IEntry {
  const described = cluster(parts);
  return {
    cluster: described,
    state: described.state,
    wanted: described.workers ?? described.counts.requested,
    adapt: described.adapt,
    saving: false,
    problem: null,
    why: null,
    history: [],
    ...more
  };
}

type RunParts = Partial<Omit<Run, 'progress'>> & { progress?: Partial<Run['progress']> };

/** A running run named `fit` of which 120 of 500 calls are done, but for what is said. */
export function run({ progress, ...parts }: RunParts = {}): Run {
  return {
    name: 'fit',
    kind: 'batch',
    state: 'running',
    reason: null,
    created: '2026-11-25T12:00:00Z',
    changed: '2026-11-25T12:01:00Z',
    size: 1_200_000,
    ...parts,
    progress: {
      done: 120,
      total: 500,
      running: 12,
      erred: 0,
      rate: null,
      remaining: null,
      ...progress
    }
  };
}

export function runEntry(parts: RunParts = {}, more: Partial<IRunEntry> = {}): IRunEntry {
  return { run: run(parts), change: null, problem: null, ...more };
}

/** Why jobs that wait can never run. */
export function explanation(parts: Partial<Explanation> = {}): Explanation {
  return {
    cause: 'never',
    why_waiting: 'no slot of the pool can run it',
    why_held: '',
    why_failing: '',
    summary: '2 wait: no slot of the pool can run it',
    reasons: [],
    waiting: 2,
    held: 0,
    failing: 0,
    now: 0,
    ever: 0,
    sites: [],
    ...parts
  };
}

/** A pool with a named site, slots elsewhere, and another user. */
export function pool(parts: Partial<Pool> = {}): Pool {
  return {
    cores: 64,
    busy_cores: 50,
    parts: [
      {
        site: 'T2_IT_Legnaro',
        arch: 'X86_64',
        slots: 3,
        cores: 48,
        busy_cores: 40,
        memory: 96 * GB,
        busy_memory: 60 * GB,
        gpus: 2,
        busy_gpus: 1
      },
      {
        site: null,
        arch: 'aarch64',
        slots: 1,
        cores: 16,
        busy_cores: 10,
        memory: 32 * GB,
        busy_memory: 12 * GB,
        gpus: 0,
        busy_gpus: 0
      }
    ],
    shares: [
      { owner: 'alice@pool', priority: 500, factor: 1000, cores: 12, own: true },
      { owner: 'bob@pool', priority: 2000, factor: 1000, cores: 38, own: false }
    ],
    seen: '2026-11-25T12:00:00Z',
    ...parts
  };
}

export function root(parts: Partial<Root> = {}): Root {
  return {
    version: '0.1.0',
    api: 2,
    health: { ok: true, message: null, code: null, seen: null },
    configuration: [],
    limits: { clusters: null, workers: null, cores: null },
    bounds: {
      workers: { minimum: 0, maximum: 100_000 },
      cores: { minimum: 1, maximum: 1024 },
      memory: { minimum: 128e6, maximum: 1e15 },
      disk: { minimum: 1e6, maximum: 1e15 },
      gpus: { minimum: 0, maximum: 64 }
    },
    defaults: {
      workers: 2,
      cores: 1,
      memory: 2 * GB,
      disk: 1 * GB,
      gpus: 0,
      idle_timeout: 3600
    },
    architectures: ['x86_64', 'aarch64', 'ppc64le'],
    sites: [
      { name: 'T2_IT_Legnaro', label: 'Legnaro' },
      { name: 'hpc', label: 'Leonardo (HPC)' }
    ],
    kernels: [
      { name: 'python3', display_name: 'Python 3', default: true },
      { name: 'root', display_name: 'ROOT 6.40', default: false }
    ],
    ...parts
  };
}

export function example(parts: Partial<Example> = {}): Example {
  return {
    id: 'dimuon-spectrum-coffea',
    title: 'Dimuon spectrum',
    description: 'From two muons to the Z peak.',
    framework: 'Coffea',
    topics: ['First steps'],
    minutes: 2,
    needs: ['coffea', 'mplhep'],
    cores: 2,
    data: '1,000,000 generated events',
    missing: [],
    remedy: null,
    thumbnail: 'af-lab/api/examples/dimuon-spectrum-coffea/thumbnail',
    ...parts
  };
}
