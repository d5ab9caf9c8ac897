/** The lines of a log that are kept, and what is found in them. */

/** The maximum number of lines that are kept. */
export const MOST_LINES = 5_000;

/** The lines with new text appended; the last line may be incomplete. */
export function appended(lines: readonly string[], text: string): readonly string[] {
  if (text === '') {
    return lines;
  }
  // Progress bars use a bare carriage return to overwrite their line.
  const [first = '', ...others] = text.split(/\r?\n|\r/);
  const last = lines.at(-1) ?? '';
  return [...lines.slice(0, -1), last + first, ...others].slice(-MOST_LINES);
}

/** A line split at the matches of a search: every second piece is a match. */
export type Found = readonly string[];

/** The lines that contain a text, ignoring case. */
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
    // Some letters change their length with their case, so positions do not agree: mark the whole line.
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
