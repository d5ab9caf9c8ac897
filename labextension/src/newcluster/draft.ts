import type { NewCluster, Root, Specification } from '../api';
import { sizeText } from '../shared/size';
import { timeText } from '../shared/timetext';
import type { Kept } from './origin';

/** The input for a new cluster, as the user enters it. */
export interface IDraft {
  readonly name: string;
  readonly adaptive: boolean;
  readonly workers: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cores: string;
  readonly memory: string;
  readonly gpus: string;
  /** That of the access point if empty. */
  readonly arch: string;
  /** Names of sites; any site if empty. */
  readonly sites: readonly string[];
  /** Name of a kernel, or path of a Python; the server's default if empty. */
  readonly kernel: string;
  /** How long each job may run; any time if empty. */
  readonly time: string;
  /** The folder in which tasks start, below the root of Jupyter's files; the root itself if empty. */
  readonly directory: string;
  /** Seconds; null: never. */
  readonly idleTimeout: number | null;
}

/** The initial values of a form. */
export interface IStart {
  /** The last choice, with a free name. */
  readonly suggestion: Partial<NewCluster> & { readonly name: string };

  /** Name of the active notebook's kernel. */
  readonly kernel: string | null;

  /** The active notebook's folder below the root of Jupyter's files. */
  readonly directory: string;

  /** What the facility offers; null while that is not known. */
  readonly root: Root | null;
}

/** The values in the form: the user's input, else the last choice, else the facility's defaults. */
export function draftOf(
  { suggestion, kernel, directory, root }: IStart,
  typed: Partial<IDraft>
): IDraft {
  const { adapt, arch, environment, idle_timeout: idle, memory, time } = suggestion;
  const usual = root?.defaults;
  const workers = typed.workers ?? text(suggestion.workers ?? usual?.workers);
  const last = environment && 'kernel' in environment ? environment.kernel : null;
  const path = environment && 'path' in environment ? environment.path : null;
  const kernels = root?.kernels.map(known => known.name) ?? [];
  const remembered = typeof memory === 'number' ? sizeText(memory) : memory;
  return {
    name: suggestion.name,
    adaptive: Boolean(adapt),
    minimum: text(adapt?.minimum ?? 0),
    maximum: text(adapt?.maximum ?? workers),
    cores: text(suggestion.cores ?? usual?.cores),
    memory: remembered ?? (usual ? sizeText(usual.memory) : ''),
    gpus: text(suggestion.gpus ?? usual?.gpus),
    arch: root?.architectures.find(known => known === arch) ?? '',
    sites:
      root?.sites.map(site => site.name).filter(name => suggestion.sites?.includes(name)) ?? [],
    kernel:
      kernels.find(name => name === kernel) ??
      kernels.find(name => name === last) ??
      path ??
      usualKernel(root),
    time: typeof time === 'number' ? timeText(time) : (time ?? ''),
    directory,
    idleTimeout: typeof idle === 'number' || idle === null ? idle : (usual?.idle_timeout ?? null),
    ...typed,
    workers
  };
}

/** The values that decide which slots match. */
const MATCHED = ['cores', 'memory', 'gpus', 'arch', 'sites'] as const;

/** A choice without the values that decide which slots match. */
export function withoutMatched(suggestion: IStart['suggestion']): IStart['suggestion'] {
  const kept = Object.entries(suggestion).filter(([key]) => !MATCHED.some(field => field === key));
  return { ...Object.fromEntries(kept), name: suggestion.name };
}

/** Whether the same slots match two drafts. */
export function matchTheSame(one: IDraft, other: IDraft): boolean {
  return MATCHED.every(field => JSON.stringify(one[field]) === JSON.stringify(other[field]));
}

function usualKernel(root: Root | null): string {
  const { kernels = [] } = root ?? {};
  return (kernels.find(known => known.default) ?? kernels[0])?.name ?? '';
}

function text(value: number | string | undefined): string {
  return value === undefined ? '' : String(value);
}

/** The maximum number of workers of a cluster. */
export function mostWorkers({ adaptive, maximum, workers }: IDraft): number {
  return Number(adaptive ? maximum : workers);
}

/** The cores of the jobs for this many workers, in whole jobs. */
export function coresFor(workers: number, cores: number): number {
  return cores * Math.ceil(workers / cores);
}

/**
 * The request; only name and number of workers if the facility's options are not known.
 *
 * @param kept - What the form does not show.
 */
export function requestOf(draft: IDraft, root: Root | null, kept: Kept): NewCluster {
  return {
    name: draft.name,
    ...scaleOf(draft),
    ...(draft.directory !== '' && { directory: draft.directory }),
    ...(root && {
      ...shapeOf(draft, kept),
      ...(draft.time !== '' && { time: draft.time }),
      idle_timeout: draft.idleTimeout
    })
  };
}

function scaleOf({ adaptive, workers, minimum, maximum }: IDraft): Partial<NewCluster> {
  if (adaptive) {
    return { adapt: { minimum: Number(minimum), maximum: Number(maximum) } };
  }
  return workers === '' ? {} : { workers: Number(workers) };
}

/** What each worker job requests. */
export function shapeOf(
  { arch, cores, gpus, kernel, memory, sites }: IDraft,
  kept: Kept = {}
): Specification {
  return {
    ...kept,
    cores: Number(cores),
    memory,
    ...(Number(gpus) > 0 && { gpus: Number(gpus) }),
    ...(arch !== '' && { arch: arch as Specification['arch'] }),
    ...(sites.length > 0 && { sites }),
    ...(kernel !== '' && { environment: isPath(kernel) ? { path: kernel } : { kernel } })
  };
}

/** Names of kernels have no slash. */
export function isPath(kernel: string): boolean {
  return kernel.includes('/');
}
