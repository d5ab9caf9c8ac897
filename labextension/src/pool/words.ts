/** Texts about the pool, as pure functions of its state. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Pool, PoolPart, Root, Share } from '../api';
import { roughSize } from '../shared/size';

/** Data older than this, in milliseconds, is shown with its age. */
export const OLD = 120_000;

/** The slots of one site. */
export interface ISiteSlots {
  /** Its name; null for slots outside the named sites. */
  readonly site: string | null;
  readonly label: string;
  readonly architectures: readonly string[];
  readonly cores: number;
  readonly freeCores: number;
  readonly gpus: number;
  readonly freeGpus: number;
  readonly freeMemory: number;
}

/** The pool by site, those with a name first. */
export function bySite(
  parts: readonly PoolPart[],
  names: Root['sites'],
  trans: TranslationBundle
): ISiteSlots[] {
  const sites = [...new Set(parts.map(({ site }) => site))];
  return sites
    .map(site => {
      const own = parts.filter(part => part.site === site);
      const sum = (value: (part: PoolPart) => number): number =>
        own.reduce((total, part) => total + value(part), 0);
      return {
        site,
        label:
          site === null && sites.length === 1 ? trans.__('All slots') : labelOf(site, names, trans),
        architectures: [...new Set(own.map(({ arch }) => archWord(arch)))].sort(),
        cores: sum(part => part.cores),
        freeCores: sum(part => Math.max(0, part.cores - part.busy_cores)),
        gpus: sum(part => part.gpus),
        freeGpus: sum(part => Math.max(0, part.gpus - part.busy_gpus)),
        freeMemory: sum(part => Math.max(0, part.memory - part.busy_memory))
      };
    })
    .sort(
      (a, b) => Number(a.site === null) - Number(b.site === null) || a.label.localeCompare(b.label)
    );
}

function labelOf(site: string | null, names: Root['sites'], trans: TranslationBundle): string {
  if (site === null) {
    return trans.__('Other slots');
  }
  return names.find(({ name }) => name === site)?.label ?? site;
}

/** HTCondor writes X86_64 instead of the usual x86_64. */
function archWord(arch: string): string {
  return arch.toLowerCase();
}

/** "14/64 cores" */
export function glance({ cores, busy_cores: busy }: Pool, trans: TranslationBundle): string {
  return trans.__('%1/%2 cores', Math.max(0, cores - busy), cores);
}

/** "14 of 64 cores of the pool are free" */
export function glanceWords({ cores, busy_cores: busy }: Pool, trans: TranslationBundle): string {
  return trans.__('%1 of %2 cores of the pool are free', Math.max(0, cores - busy), cores);
}

/** "24 of 48 cores free" */
export function coresWords({ cores, freeCores }: ISiteSlots, trans: TranslationBundle): string {
  return trans.__('%1 of %2 cores free', freeCores, cores);
}

/** "x86_64, 1 of 2 GPUs free, 36 GB of memory free" */
export function siteDetails(site: ISiteSlots, trans: TranslationBundle): string {
  const { architectures, freeGpus, freeMemory, gpus } = site;
  return [
    ...architectures,
    gpus > 0 && trans.__('%1 of %2 GPUs free', freeGpus, gpus),
    trans.__('%1 of memory free', roughSize(freeMemory))
  ]
    .filter(Boolean)
    .join(', ');
}

/** The first users, and always the user of the panel. */
export function foremost(shares: readonly Share[], most: number): Share[] {
  const others = shares.filter(({ own }) => !own);
  const shown = new Set(others.slice(0, most - (shares.length - others.length)));
  return shares.filter(share => share.own || shown.has(share));
}

/** The user's rank: "You are number 1 of 2. Users who used less recently get free slots first." */
export function standing(shares: readonly Share[], trans: TranslationBundle): string {
  const place = shares.findIndex(({ own }) => own) + 1;
  if (shares.every(({ own }) => own)) {
    return trans.__('No other user has slots, so all free slots are available to you.');
  }
  return place === 0
    ? trans.__('You have not used the pool yet, so you get free slots first.')
    : trans.__(
        'You are number %1 of %2. Users who used less recently get free slots first.',
        place,
        shares.length
      );
}

/** "alice: 12 cores, priority 500" */
export function shareWords(share: Share, trans: TranslationBundle): string {
  const cores = Math.round(share.cores);
  return trans._n(
    '%2: %1 core, priority %3 (less is better)',
    '%2: %1 cores, priority %3 (less is better)',
    cores,
    userOf(share),
    Math.round(share.priority)
  );
}

/** The user's name, without the domain. */
export function userOf({ owner }: Share): string {
  return owner.split('@')[0] ?? owner;
}
