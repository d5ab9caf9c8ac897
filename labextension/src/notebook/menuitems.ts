import type { TranslationBundle } from '@jupyterlab/translation';

import { type ApiError, isLive } from '../api';
import { explain } from '../shared/words';
import type { IEntry } from '../tokens';
import { type IKernelClient, sourceOf } from './client';
import { workersWords } from './words';

/** What an item of the menu does. */
export type MenuAction =
  | { readonly do: 'plots' }
  | { readonly do: 'details'; readonly name: string }
  | { readonly do: 'connect'; readonly name: string }
  | { readonly do: 'make'; readonly name: string; readonly workers: number }
  | { readonly do: 'configure' }
  | { readonly do: 'leave' };

/** An item of the menu; without an action it only says something. */
export interface IMenuItem {
  readonly label: string;
  readonly caption: string;
  readonly action: MenuAction | null;
}

/** What the menu depends on. */
export interface IMenuState {
  readonly client: IKernelClient | null;
  readonly entry: IEntry | null;
  readonly entries: readonly IEntry[];
  /** The cluster that would be made; null if the server did not say what the facility offers. */
  readonly proposal: { readonly name: string; readonly workers: number } | null;
  readonly trouble: ApiError | null;
}

/** The groups of the menu: what is used, what could be used, and the way out. */
export function menuItems(state: IMenuState, trans: TranslationBundle): IMenuItem[][] {
  return [usedItems(state, trans), choices(state, trans), leaving(state, trans)].filter(
    group => group.length > 0
  );
}

function usedItems({ client, entry }: IMenuState, trans: TranslationBundle): IMenuItem[] {
  const items: IMenuItem[] = [];
  if (client && sourceOf(client) !== null) {
    items.push({
      label: trans.__('Plots'),
      caption: trans.__('Show its Dask plots'),
      action: { do: 'plots' }
    });
  }
  if (entry) {
    items.push({
      label: trans.__('Details'),
      caption: trans.__('Show its jobs, history and logs'),
      action: { do: 'details', name: entry.cluster.name }
    });
  }
  return items;
}

function choices(
  { entries, entry, proposal, trouble }: IMenuState,
  trans: TranslationBundle
): IMenuItem[] {
  if (trouble) {
    const { title, text } = explain(trouble, trans);
    return [{ label: title, caption: text, action: null }];
  }
  const others = entries.filter(
    ({ cluster, state }) => isLive(state) && cluster.name !== entry?.cluster.name
  );
  return [
    ...others.map(other => ({
      label: trans.__('Connect to %1', workersWords(other, trans)),
      caption: trans.__('Run a new cell that connects to this cluster'),
      action: { do: 'connect', name: other.cluster.name } as const
    })),
    ...(proposal
      ? [
          {
            label: trans._n(
              'New cluster with %1 worker',
              'New cluster with %1 workers',
              proposal.workers
            ),
            caption: trans.__('Run a new cell that makes the cluster %1', proposal.name),
            action: { do: 'make', ...proposal } as const
          }
        ]
      : []),
    {
      label: trans.__('New cluster with other settings…'),
      caption: trans.__('Choose workers, memory and more, then run a new cell that connects to it'),
      action: { do: 'configure' }
    }
  ];
}

function leaving({ client }: IMenuState, trans: TranslationBundle): IMenuItem[] {
  return client
    ? [
        {
          label: trans.__('Stop using %1', client.cluster ?? trans.__('this cluster')),
          caption: trans.__('Run a new cell that closes the client; the cluster itself continues'),
          action: { do: 'leave' }
        }
      ]
    : [];
}
