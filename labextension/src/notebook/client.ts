import type { Kernel } from '@jupyterlab/services';

import type { IEntry, Source } from '../tokens';
import { evaluate } from './evaluate';
import { CLIENT_EXPRESSION } from './clientexpression';

/** The longest wait for an answer, in milliseconds: a busy kernel answers after its cell. */
const TIMEOUT = 5_000;

/** The Dask client of a kernel. */
export interface IKernelClient {
  /** The name of its cluster, if that is one of af_lab. */
  readonly cluster: string | null;

  /** The address of its dashboard, as Dask reports it. */
  readonly dashboard: string | null;

  /** The address of its scheduler. */
  readonly address: string;
}

/**
 * Ask a kernel for its Dask client.
 *
 * @returns null if it has none, or does not answer in time.
 */
export async function askForClient(
  kernel: Kernel.IKernelConnection
): Promise<IKernelClient | null> {
  const value = await evaluate(kernel, CLIENT_EXPRESSION, TIMEOUT);
  return parseClient(value?.text ?? null);
}

/** Parses the value of the expression; null if it is not a client. */
export function parseClient(text: string | null): IKernelClient | null {
  const [, digits] = /^['"]((?:[\da-f]{2})+)['"]$/.exec(text ?? '') ?? [];
  if (digits === undefined) {
    return null;
  }
  try {
    const json = digits.replace(/../g, pair => String.fromCharCode(parseInt(pair, 16)));
    const told: unknown = JSON.parse(json);
    return asClient(told as Partial<Record<keyof IKernelClient, unknown>> | null);
  } catch {
    return null;
  }
}

/** The same client, with the name of its cluster if its scheduler belongs to one of the entries. */
export function withCluster(client: IKernelClient, entries: readonly IEntry[]): IKernelClient {
  const ours = entries.find(({ cluster }) => cluster.scheduler_address === client.address);
  return client.cluster === null && ours ? { ...client, cluster: ours.cluster.name } : client;
}

/** The source of a client's plots; null if it has no dashboard. */
export function sourceOf({ cluster, dashboard }: IKernelClient): Source | null {
  if (cluster !== null) {
    return { kind: 'cluster', name: cluster };
  }
  return dashboard === null ? null : { kind: 'address', url: dashboard };
}

function asClient(
  told: Partial<Record<keyof IKernelClient, unknown>> | null
): IKernelClient | null {
  const text = (value: unknown): string | null =>
    typeof value === 'string' && value !== '' ? value : null;
  const address = text(told?.address);
  return address === null
    ? null
    : { cluster: text(told?.cluster), dashboard: text(told?.dashboard), address };
}
