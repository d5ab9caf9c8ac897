/** What to request for another cluster like one that exists or existed. */
import type { Cluster, NewCluster } from '../api';

/**
 * The request for a cluster with the same specification, and with the number of workers that was requested last.
 *
 * Environment variables are missing: the server never returns their values.
 */
export function requestLike(cluster: Cluster): NewCluster {
  const { spec } = cluster;
  const { arch, cores, directory, disk, environment, gpus, idle_timeout, memory, time } = spec;
  const { kernel, path } = environment;
  return {
    name: cluster.name,
    ...scaleLike(cluster),
    cores,
    memory,
    disk,
    ...(gpus > 0 && { gpus }),
    ...(arch !== null && { arch: arch as Exclude<NewCluster['arch'], undefined> }),
    ...(spec.sites.length > 0 && { sites: spec.sites }),
    environment: kernel === undefined ? { path } : { kernel },
    ...(directory !== '' && { directory }),
    ...(Object.keys(spec.submit).length > 0 && { submit: spec.submit }),
    ...(time !== null && { time }),
    idle_timeout
  };
}

/** The names of its environment variables. */
export function variablesOf({ spec }: Cluster): readonly string[] {
  return Object.keys(spec.variables);
}

function scaleLike({ adapt, spec, workers }: Cluster): Pick<NewCluster, 'workers' | 'adapt'> {
  const range = adapt ?? (workers === null ? spec.adapt : null);
  return range ? { adapt: range } : { workers: workers ?? spec.workers };
}
