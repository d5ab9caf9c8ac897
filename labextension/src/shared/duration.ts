/** Durations in words, written in one way everywhere. */
import type { TranslationBundle } from '@jupyterlab/translation';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "12 s", "5 min", "3 h 20 min", "2 d 4 h" */
export function duration(milliseconds: number, trans: TranslationBundle): string {
  const unit = milliseconds < MINUTE ? SECOND : milliseconds < DAY ? MINUTE : HOUR;
  return exactDuration(floored(milliseconds, unit), trans);
}

/** "12 s", "5 min", "3 h", "2 d": where space is limited. */
export function roughDuration(milliseconds: number, trans: TranslationBundle): string {
  const unit = [DAY, HOUR, MINUTE].find(unit => unit <= milliseconds) ?? SECOND;
  return exactDuration(floored(milliseconds, unit), trans);
}

/** "1 h 30 min", "1 min 30 s": with nothing left out, for what a user has chosen. */
export function exactDuration(milliseconds: number, trans: TranslationBundle): string {
  const left = Math.max(0, milliseconds);
  const parts = [
    [Math.floor(left / DAY), trans.__('d')],
    [Math.floor((left % DAY) / HOUR), trans.__('h')],
    [Math.floor((left % HOUR) / MINUTE), trans.__('min')],
    [Math.floor((left % MINUTE) / SECOND), trans.__('s')]
  ] as const;
  const words = parts.flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : []));
  return words.length > 0 ? words.join(' ') : trans.__('0 s');
}

/** "12 s ago", "3 h ago" */
export function ago(milliseconds: number, trans: TranslationBundle): string {
  return trans.__('%1 ago', roughDuration(milliseconds, trans));
}

/** "12 min": how long it is to a moment, in whole minutes that have begun. */
export function remaining(milliseconds: number, trans: TranslationBundle): string {
  return duration(MINUTE * Math.max(1, Math.ceil(milliseconds / MINUTE)), trans);
}

function floored(milliseconds: number, unit: number): number {
  return unit * Math.floor(milliseconds / unit);
}
