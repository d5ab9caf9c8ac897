/** Texts for the user, as pure functions of the state. */
import type { TranslationBundle } from '@jupyterlab/translation';

import {
  type ApiError,
  type Cluster,
  type ClusterState,
  CondorUnavailable,
  ExtensionMissing,
  type Counts,
  ServerAway
} from '../api';
import { concern } from './concern';
import { ago, duration, remaining } from './duration';
import type { IEntry, IMoment } from '../tokens';

const MINUTE = 60_000;

/** An end that is nearer than this, in milliseconds, is shown. */
const SOON = 30 * MINUTE;

/** A trouble that is younger than this, in milliseconds, is shown. */
const RECENT = 10 * MINUTE;

/** How far back the line of a card goes, in milliseconds. */
const HISTORY = 10 * MINUTE;

/** A trouble in words: what happened, and what the user can do or should know. */
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
    case 'held':
      return trans.__('on hold');
    case 'stopping':
      return trans.__('stopping');
    case 'ended':
      return trans.__('ended');
    case 'failed':
      return trans.__('failed');
  }
}

/** What keeps a cluster from its workers, or else its state. */
export function standingWord(entry: IEntry, trans: TranslationBundle): string {
  switch (concern(entry)) {
    case 'silent':
      return trans.__('does not answer');
    case 'failing':
      return trans.__('jobs fail');
    case 'held':
      return trans.__('jobs on hold');
    case 'never':
      return trans.__('jobs match no slot');
    case 'lost':
      return trans.__('workers lost');
    case null:
      return stateWord(entry.state, trans);
  }
}

/** "3 starting, 5 waiting", or an empty text. */
export function absentWords(
  { starting, waiting, leaving, held, lost }: Counts,
  trans: TranslationBundle
): string {
  return [
    starting > 0 && trans.__('%1 starting', starting),
    waiting > 0 && trans.__('%1 waiting', waiting),
    leaving > 0 && trans.__('%1 leaving', leaving),
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

export function explain(trouble: ApiError, trans: TranslationBundle): IMessage {
  if (trouble instanceof ServerAway) {
    return {
      title: trans.__('The server does not answer'),
      text: trans.__('Trying again until it does.')
    };
  }
  if (trouble instanceof ExtensionMissing) {
    return {
      title: trans.__('af_lab is missing on the server'),
      text: trans.__(
        'Type `python -m pip install af-lab` where the Jupyter server runs, or, if that is installed, `jupyter server extension enable af_lab.server`, and restart the server.'
      )
    };
  }
  const refused = headline(trouble, trans);
  const title = trouble.reason ?? refused;
  // Elsewhere the message is shown alone, so it may begin with the title.
  const text = trouble.message.startsWith(`${title}: `)
    ? trouble.message.slice(title.length + 2)
    : trouble.message;
  return { title, text };
}

function headline(trouble: ApiError, trans: TranslationBundle): string {
  switch (trouble.code) {
    case 'BindingsMissing':
      return trans.__("HTCondor's Python bindings cannot be imported");
    case 'SettingError':
      return trans.__('A setting is wrong');
    case 'CondorError':
      return trans.__('This is not possible now');
    case 'CondorAbsent':
      return trans.__('HTCondor does not run here');
    default:
      return trouble instanceof CondorUnavailable
        ? trans.__('HTCondor does not answer')
        : trans.__('The server refused');
  }
}

/** The same in one line, for a requested change. */
export function explainRefusal(trouble: ApiError, trans: TranslationBundle): string {
  if (trouble instanceof ServerAway || trouble instanceof ExtensionMissing) {
    return explain(trouble, trans).title;
  }
  return trouble.message;
}

/** "3 starting, 5 waiting": the workers that are not connected, but for what the reason already says. */
export function workWords({ cluster, why }: IEntry, trans: TranslationBundle): string {
  const { counts } = cluster;
  // The reason says how many wait or are on hold.
  return absentWords(why?.summary ? { ...counts, waiting: 0, held: 0 } : counts, trans);
}

/** "In the last 10 min: 2 to 12 workers, 12 now, CPU 74 %" */
export function historyWords(
  history: readonly IMoment[],
  now: number,
  trans: TranslationBundle
): string {
  const numbers = history.map(({ connected }) => connected);
  const last = history.at(-1);
  const [least, most, current] = [Math.min(...numbers), Math.max(...numbers), last?.connected ?? 0];
  const workers =
    least === most
      ? trans._n('%1 worker all the time', '%1 workers all the time', current)
      : trans.__('%1 to %2 workers, %3 now', least, most, current);
  const cpu = last?.cpu ?? null;
  const busy = cpu === null ? '' : trans.__(', CPU %1 %', Math.round(100 * cpu));
  const shown = Math.min(HISTORY, Math.max(now, last?.when ?? now) - (history[0]?.when ?? now));
  return trans.__(
    'In the last %1: %2%3',
    duration(MINUTE * Math.max(1, Math.round(shown / MINUTE)), trans),
    workers,
    busy
  );
}

/** "Ends in 12 min, unless it gets work."; empty while the end is far away. */
export function endWords(cluster: Cluster, now: number, trans: TranslationBundle): string {
  if (cluster.ends_at === null) {
    return '';
  }
  const left = Date.parse(cluster.ends_at) - now;
  return left > SOON ? '' : trans.__('Ends in %1, unless it gets work.', remaining(left, trans));
}

/** "2 min ago: job 7.0 (the last of 3) was put on hold"; empty if the newest trouble is older. */
export function troubleWords(cluster: Cluster, now: number, trans: TranslationBundle): string {
  const newest = cluster.troubles.at(-1);
  const age = newest ? now - Date.parse(newest.when) : Infinity;
  if (!newest || age > RECENT) {
    return '';
  }
  // Seconds would go on by steps of ten.
  const when = age < MINUTE ? trans.__('just now') : ago(age, trans);
  const { count, text, worker } = newest;
  if (worker === '') {
    return count === 1
      ? trans.__('%1: %2', when, text)
      : trans.__('%1: %2 (%3 times)', when, text, count);
  }
  return count === 1
    ? trans.__('%1: job %2 %3', when, worker, text)
    : trans.__('%1: job %2 (the last of %4) %3', when, worker, text, count);
}
