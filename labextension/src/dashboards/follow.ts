import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

import type { IDashboards, Source } from '../tokens';

/** The key under which the last dashboard is stored. */
const LAST = 'af-lab:source';

/**
 * Choose the dashboard that the settings name, or the last one. Then store each dashboard that is chosen.
 *
 * @param dashboards - Where it is chosen.
 * @param url - The address in the settings; empty if there is none.
 * @param state - Where the last one is stored.
 */
export async function followAtStart(
  dashboards: IDashboards,
  url: string,
  state: IStateDB | null
): Promise<void> {
  const last = (await state?.fetch(LAST)) as Source | undefined;
  const source: Source | undefined = url ? { kind: 'address', url } : last;
  if (source && !dashboards.source) {
    dashboards.follow(source);
  }
  let kept = JSON.stringify(dashboards.source);
  dashboards.changed.connect(() => {
    const now = JSON.stringify(dashboards.source);
    if (now !== kept) {
      kept = now;
      void state?.save(LAST, JSON.parse(now) as ReadonlyPartialJSONValue);
    }
  });
}
