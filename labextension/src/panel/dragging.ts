import { type PointerEvent, useRef } from 'react';

/** So many pixels away from where it was pressed, the pointer drags. */
const DISTANCE = 5;

/** Where the pointer is. */
export type Point = Pick<PointerEvent, 'clientX' | 'clientY'>;

interface IHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
}

/** Handlers that tell once when something begins to be dragged. */
export function useDragging(start: (point: Point) => void): IHandlers {
  const pressed = useRef<Point | null>(null);
  return {
    onPointerDown: ({ button, clientX, clientY }) => {
      pressed.current = button === 0 ? { clientX, clientY } : null;
    },
    onPointerMove: ({ buttons, clientX, clientY }) => {
      const from = pressed.current;
      if (from && buttons === 1 && distance(from, { clientX, clientY }) > DISTANCE) {
        pressed.current = null;
        start({ clientX, clientY });
      }
    }
  };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
