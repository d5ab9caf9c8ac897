/** Sizes of memory, as the server reads them. */

const SIZE = /^ *(?=[\dKMGTP])(\d{1,16}(?:\.\d*)?)? *(?:([KMGTP])(I)?)?B? *$/i;
const UNITS = ['', 'k', 'M', 'G', 'T', 'P'];

/** The bytes that a text such as "2 GB" means; null if it is not a size. */
export function bytesOf(text: string): number | null {
  const found = SIZE.exec(text);
  if (!found) {
    return null;
  }
  const [, number = '1', unit = '', binary] = found;
  const power = UNITS.findIndex(known => known.toLowerCase() === unit.toLowerCase());
  return Math.trunc(Number(number) * (binary ? 1024 : 1000) ** power);
}

/** The shortest text for exactly this many bytes. */
export function sizeText(bytes: number): string {
  for (const [base, ending] of [
    [1000, 'B'],
    [1024, 'iB']
  ] as const) {
    for (const [power, unit] of [...UNITS.entries()].reverse()) {
      const text = `${Number((bytes / base ** power).toFixed(2))} ${unit}${ending}`;
      if (power > 0 && bytes >= base ** power && bytesOf(text) === bytes) {
        return text;
      }
    }
  }
  return `${bytes} B`;
}

/** "1.2 GB" */
export function roughSize(bytes: number): string {
  const power = Math.max(
    0,
    UNITS.findLastIndex((_, power) => bytes >= 1000 ** power)
  );
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${UNITS[power]}B`;
}
