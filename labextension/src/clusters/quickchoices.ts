import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';

import { asApiError, type Change, type Cluster, type Match } from '../api';
import { openBelow } from '../shared/openbelow';
import { explainRefusal } from '../shared/words';
import type { IEntry, IFacility } from '../tokens';
import { requestLike } from './likeness';

/** A number of workers to choose, with its words; the number is null if it cannot be chosen. */
export interface IChoice {
  readonly label: string;
  readonly workers: number | null;
}

/** What is known of the pool; a text says why nothing is. */
export type Room = { readonly now: number; readonly most: number | null } | string | null;

/**
 * The workers of a cluster if it takes all that is free: those that it has, and those for which there is room.
 *
 * @param most - The facility's limit of workers of a cluster; null if there is none.
 */
export function allThatIsFree(
  cluster: Cluster,
  { now }: Pick<Match, 'now'>,
  most: number | null
): number {
  const { connected, starting } = cluster.counts;
  return Math.min(connected + starting + now * cluster.cores, most ?? Infinity);
}

/** The choices of a cluster. */
export function choices(entry: IEntry, room: Room, trans: TranslationBundle): IChoice[] {
  const { cluster, wanted } = entry;
  const all = room && typeof room === 'object' ? allThatIsFree(cluster, room, room.most) : null;
  return [
    all === null
      ? {
          label:
            typeof room === 'string'
              ? trans.__('All that is free: %1', room)
              : trans.__('All that is free: asking the pool…'),
          workers: null
        }
      : {
          label: trans._n('All that is free: %1 worker', 'All that is free: %1 workers', all),
          workers: all
        },
    {
      label: trans._n('Double: %1 worker', 'Double: %1 workers', 2 * wanted),
      workers: wanted > 0 ? 2 * wanted : null
    },
    { label: trans.__('None: 0 workers'), workers: wanted > 0 ? 0 : null }
  ];
}

export interface IQuickChoicesOptions {
  readonly entry: IEntry;
  readonly facility: Pick<IFacility, 'about' | 'match'>;
  readonly change: (change: Change) => void;
  readonly trans: TranslationBundle;
}

/** Open a menu with numbers of workers to choose below a button, and return it. The pool is asked only now. */
export function openQuickChoices(options: IQuickChoicesOptions, button: HTMLElement): MenuSvg {
  const { change, entry, facility, trans } = options;
  const { name } = entry.cluster;
  let room: Room = null;
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  menu.addClass('jp-AfLab-menu');
  menu.node.setAttribute('aria-label', trans.__('Numbers of workers of %1', name));
  for (const place of choices(entry, room, trans).keys()) {
    const choice = (): IChoice | undefined => choices(entry, room, trans)[place];
    commands.addCommand(String(place), {
      label: () => choice()?.label ?? '',
      isEnabled: () => choice()?.workers !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        const workers = choice()?.workers ?? null;
        if (workers !== null) {
          change({ workers });
        }
      }
    });
    menu.addItem({ command: String(place) });
  }
  openBelow(menu, button);
  void roomFor(entry.cluster, facility, trans).then(found => {
    room = found;
    if (!menu.isDisposed) {
      menu.update();
    }
  });
  return menu;
}

async function roomFor(
  cluster: Cluster,
  facility: Pick<IFacility, 'about' | 'match'>,
  trans: TranslationBundle
): Promise<Room> {
  try {
    const [{ now }, { limits }] = await Promise.all([
      facility.match(requestLike(cluster)),
      facility.about()
    ]);
    return { now, most: limits.workers };
  } catch (error) {
    return explainRefusal(asApiError(error), trans);
  }
}
