/** The lines of a log that are kept, and what is found in them. */

/** So many lines are kept at most. */
export const MOST_LINES = 5_000;

/** The lines with what was written since; the last one may go on. */
export function appended(lines: readonly string[], text: string): readonly string[] {
  if (text === '') {
    return lines;
  }
  // A bare carriage return is how progress bars write over themselves.
  const [first = '', ...others] = text.split(/\r?\n|\r/);
  const last = lines.at(-1) ?? '';
  return [...lines.slice(0, -1), last + first, ...others].slice(-MOST_LINES);
}

/** A line that fits, cut at what was searched for: every second piece is a hit. */
export type Found = readonly string[];

/** The lines that contain a text, whatever its case. */
export function search(lines: readonly string[], text: string): readonly Found[] {
  const wanted = text.toLowerCase();
  return lines.flatMap(line => {
    const pieces = cut(line, wanted);
    return pieces.length > 1 ? [pieces] : [];
  });
}

function cut(line: string, wanted: string): string[] {
  const folded = line.toLowerCase();
  if (folded.length !== line.length) {
    // Letters that change their length with their case cannot be cut out by position.
    return folded.includes(wanted) ? ['', line, ''] : [line];
  }
  const pieces: string[] = [];
  let begin = 0;
  for (;;) {
    const hit = folded.indexOf(wanted, begin);
    if (hit < 0 || wanted === '') {
      return [...pieces, line.slice(begin)];
    }
    const end = hit + wanted.length;
    pieces.push(line.slice(begin, hit), line.slice(hit, end));
    begin = end;
  }
}
