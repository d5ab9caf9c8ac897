import React, { useLayoutEffect, useRef } from 'react';

interface IProps {
  readonly className: string;
}

/** Takes the focus when a re-render removes the focused child. */
export function KeepsFocus({
  className,
  children
}: React.PropsWithChildren<IProps>): React.JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const focused = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (focused.current?.isConnected === false && document.activeElement === document.body) {
      place.current?.focus();
    }
  });
  return (
    <div
      ref={place}
      className={className}
      tabIndex={-1}
      onFocus={event => {
        focused.current = event.target;
      }}
      onBlur={() => {
        focused.current = null;
      }}
    >
      {children}
    </div>
  );
}
