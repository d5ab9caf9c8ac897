import { type PointerEvent, useEffect, useRef } from 'react';

/** So many pixels away from where it was pressed, the pointer drags. */
const DISTANCE = 5;

/** Where the pointer is. */
export type Point = Pick<PointerEvent, 'clientX' | 'clientY'>;

interface IHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
}

/** Handlers that tell once when something begins to be dragged. */
export function useDragging(start: (point: Point) => void): IHandlers {
  const watch = useRef<AbortController | null>(null);
  useEffect(
    () => () => {
      watch.current?.abort();
    },
    []
  );
  return {
    onPointerDown: ({ button, clientX, clientY }) => {
      watch.current?.abort();
      if (button !== 0) {
        return;
      }
      const pressed = new AbortController();
      const { signal } = pressed;
      const from = { clientX, clientY };
      const end = (): void => {
        pressed.abort();
      };
      // A quick pointer has left what it pressed before it moves for the first time.
      const move = (event: Point): void => {
        const point = { clientX: event.clientX, clientY: event.clientY };
        if (distance(from, point) > DISTANCE) {
          end();
          start(point);
        }
      };
      document.addEventListener('pointermove', move, { signal });
      document.addEventListener('pointerup', end, { signal });
      document.addEventListener('pointercancel', end, { signal });
      watch.current = pressed;
    }
  };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
