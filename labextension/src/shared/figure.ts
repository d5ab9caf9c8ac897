/** A narrow space at which no line breaks. */
const SPACE = '\u202f';

/** "20 000": a whole number, with its digits in groups of three. */
export function figure(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, SPACE);
}
