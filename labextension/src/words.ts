/** What is said to the user, as functions of the state alone. */
import type { TranslationBundle } from '@jupyterlab/translation';

import {
  type ApiError,
  type ClusterState,
  CondorUnavailable,
  ExtensionMissing,
  type ICounts,
  ServerAway
} from './api';
import type { IEntry } from './tokens';

/** A trouble in words: what happened, and what to do or to know about it. */
export interface IMessage {
  readonly title: string;
  readonly text: string;
}

export function stateWord(state: ClusterState, trans: TranslationBundle): string {
  switch (state) {
    case 'pending':
      return trans.__('pending');
    case 'running':
      return trans.__('running');
    case 'stopping':
      return trans.__('stopping');
    case 'ended':
      return trans.__('ended');
    case 'failed':
      return trans.__('failed');
  }
}

/** The workers that are wanted and not connected, by what keeps them; none of them twice. */
export interface IAbsent {
  readonly starting: number;
  readonly waiting: number;
  readonly held: number;
  readonly lost: number;
}

export function absent({ running, connected, lost, idle, held }: ICounts): IAbsent {
  return { starting: Math.max(0, running - connected - lost), waiting: idle, held, lost };
}

/** "3 starting, 5 waiting", or nothing. */
export function absentWords(counts: ICounts, trans: TranslationBundle): string {
  const { starting, waiting, held, lost } = absent(counts);
  return [
    starting > 0 && trans.__('%1 starting', starting),
    waiting > 0 && trans.__('%1 waiting', waiting),
    held > 0 && trans.__('%1 held', held),
    lost > 0 && trans.__('%1 lost', lost)
  ]
    .filter(part => part !== false)
    .join(', ');
}

/** "12 of 20" */
export function tally(entry: IEntry, trans: TranslationBundle): string {
  return trans.__('%1 of %2', entry.cluster.counts.connected, entry.wanted);
}

/** "12 of 20 workers connected, 3 starting, 5 waiting" */
export function tallyWords(entry: IEntry, trans: TranslationBundle): string {
  const { counts } = entry.cluster;
  const connected = trans._n(
    '%2 of %1 worker connected',
    '%2 of %1 workers connected',
    entry.wanted,
    counts.connected
  );
  return [connected, absentWords(counts, trans)].filter(Boolean).join(', ');
}

/** "12 s ago" */
export function ago(milliseconds: number, trans: TranslationBundle): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) {
    return trans.__('%1 s ago', seconds);
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? trans.__('%1 min ago', minutes)
    : trans.__('%1 h ago', Math.round(minutes / 60));
}

export function explain(trouble: ApiError, trans: TranslationBundle): IMessage {
  if (trouble instanceof ServerAway) {
    return {
      title: trans.__('The server does not answer'),
      text: trans.__('Asking it again until it does.')
    };
  }
  if (trouble instanceof ExtensionMissing) {
    return {
      title: trans.__('af_lab is missing on the server'),
      text: trans.__(
        'Install the Python package “af-lab” where the Jupyter server runs, or enable it there with `jupyter server extension enable af_lab.server`, and restart the server.'
      )
    };
  }
  const refused =
    trouble instanceof CondorUnavailable
      ? trans.__('HTCondor does not answer')
      : trans.__('The server refused');
  const title = trouble.reason ?? refused;
  // The message stands alone elsewhere, and may start with the headline.
  const text = trouble.message.startsWith(`${title}: `)
    ? trouble.message.slice(title.length + 2)
    : trouble.message;
  return { title, text };
}

/** The same in one line, for a change that was asked for. */
export function explainRefusal(trouble: ApiError, trans: TranslationBundle): string {
  if (trouble instanceof ServerAway || trouble instanceof ExtensionMissing) {
    return explain(trouble, trans).title;
  }
  return trouble.message;
}

/** What is lost when a cluster stops. */
export function losses(counts: ICounts, trans: TranslationBundle): string {
  const { connected } = counts;
  const jobs = trans.__('Its jobs leave the HTCondor queue.');
  const results =
    connected === 0
      ? trans.__('No worker is connected: no results are lost.')
      : trans._n(
          '%1 worker is connected: what it computes now, and every result that only it holds in memory, is lost. Files are kept.',
          '%1 workers are connected: what they compute now, and every result that only they hold in memory, is lost. Files are kept.',
          connected
        );
  return [jobs, results].join(' ');
}
