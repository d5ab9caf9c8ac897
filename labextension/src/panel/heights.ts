/** How the height of the panel is divided among its sections, as a pure function. */

/** A section that is open. All heights are in pixels. */
export interface ISection {
  /** The height of its content. */
  readonly content: number;
  /** If not all fit, its part of the height in proportion to the others. */
  readonly share: number;
  /** If not all fit, it is at least this high as long as its content is, unless there is no room at all. */
  readonly least: number;
}

/**
 * Divide a height among the open sections.
 *
 * Each gets the height of its content if all fit, and the last one also what is left. If not, the sections that need
 * less than their part get what they need, and the others divide the rest.
 *
 * @param sections - The open sections from the top.
 * @param space - The height to divide, in pixels.
 * @returns The heights of the sections. Their sum is `space`.
 */
export function divide(sections: readonly ISection[], space: number): number[] {
  const needed = sum(sections.map(({ content }) => content));
  if (needed <= space) {
    const last = sections.length - 1;
    return sections.map(({ content }, index) => content + (index === last ? space - needed : 0));
  }
  const floors = sections.map(({ content, least }) => Math.min(content, least));
  return sum(floors) < space ? filled(sections, floors, space) : squeezed(floors, space);
}

/** The first section keeps its least height as long as the others have some room; they shrink in proportion. */
function squeezed([first = 0, ...others]: readonly number[], space: number): number[] {
  const needed = sum(others);
  const kept = Math.max(Math.min(first, MOST * space), space - needed);
  return [kept, ...others.map(floor => (needed > 0 ? (floor * (space - kept)) / needed : 0))];
}

/** Fill the sections in proportion to their shares, none above its content or below its floor. */
function filled(sections: readonly ISection[], floors: readonly number[], space: number): number[] {
  const at = (level: number): number[] =>
    sections.map(({ content, share }, index) =>
      Math.min(content, Math.max(floors[index] ?? 0, level * share))
    );
  let [low, high] = [0, Math.max(...sections.map(({ content, share }) => content / share))];
  for (let step = 0; step < STEPS; step++) {
    const level = (low + high) / 2;
    if (sum(at(level)) < space) {
      low = level;
    } else {
      high = level;
    }
  }
  return at(high);
}

/** The part of a small height that the first section may have. */
const MOST = 0.6;

/** Halvings after which the level is exact to a small part of a pixel. */
const STEPS = 40;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
