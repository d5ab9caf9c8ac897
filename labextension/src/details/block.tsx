import React, { useEffect, useRef, useState } from 'react';

/** How many rows a block has. */
export const BLOCK = 50;

/** The height of a row that was not drawn yet, in pixels. */
const ROW = 33;

/** Blocks that are nearer to the visible part than this, in pixels, are drawn. */
const NEAR = 600;

interface IProps {
  /** How many rows it has. */
  readonly rows: number;
  /** How many columns it has. */
  readonly columns: number;
  /** Whether it is drawn before its place is known. */
  readonly isFirst: boolean;
  readonly draw: () => React.ReactNode;
}

/**
 * A part of a long table that is drawn only near the visible part of the page; elsewhere it keeps its height.
 *
 * A block with the focus stays drawn wherever it is.
 */
export function Block({ rows, columns, isFirst, draw }: IProps): React.JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null);
  const [isNear, setNear] = useState(isFirst);
  const [height, setHeight] = useState<number | null>(null);
  useEffect(() => {
    const node = body.current;
    if (!node) {
      return;
    }
    const observer = new IntersectionObserver(
      moves => {
        const near = moves.at(-1)?.isIntersecting ?? false;
        if (!near && node.contains(document.activeElement)) {
          return;
        }
        if (!near && node.dataset.drawn === 'true') {
          setHeight(node.offsetHeight);
        }
        setNear(near);
      },
      // A margin around the window would not count: the page is scrolled within a widget.
      { root: node.closest('.jp-AfLab-details'), rootMargin: `${NEAR}px 0px` }
    );
    observer.observe(node);
    return () => {
      observer.disconnect();
    };
  }, []);
  return (
    <tbody ref={body} data-drawn={isNear}>
      {isNear ? (
        draw()
      ) : (
        <tr className="jp-AfLab-undrawn" aria-hidden="true">
          <td colSpan={columns} style={{ height: height ?? ROW * rows }} />
        </tr>
      )}
    </tbody>
  );
}
