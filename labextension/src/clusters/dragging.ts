import { type PointerEvent, useEffect, useRef } from 'react';

/** A drag begins when the pointer has moved this many pixels from where it was pressed. */
const DISTANCE = 5;

/** Where the pointer is. */
export type Point = Pick<PointerEvent, 'clientX' | 'clientY'>;

interface IHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
}

/** Handlers that call `start` once when a drag begins. */
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
      // A fast pointer may have left the pressed element before its first move event.
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
