/** Times as a user writes them, and as the server reads them. */

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60]
] as const;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** "2 h", "90 min": the shortest text for exactly this many seconds. */
export function timeText(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds > 0 && seconds % size === 0) ?? ['s', 1];
  return `${seconds / size} ${unit}`;
}

const TIME =
  /^ *(?=[\dsmhdw])(\d{1,9}(?:\.\d*)?)? *([smhdw]|seconds?|mins?|minutes?|hours?|days?|weeks?)? *$/i;

/** The seconds that a text such as "2 h" means; null if it is not a time. */
export function secondsOf(text: string): number | null {
  const found = TIME.exec(text);
  if (!found) {
    return null;
  }
  const [, number = '1', unit = 's'] = found;
  return Number(number) * (SECONDS[unit.charAt(0).toLowerCase()] ?? 1);
}
