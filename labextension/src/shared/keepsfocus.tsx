import React, { useLayoutEffect, useRef } from 'react';

interface IProps {
  readonly className: string;
}

/** Has the focus when what had it within goes with a rendering, lest it be at the top of the page. */
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
