import React from 'react';

/** Text from the server, in which `backticks` mark code. */
export function Prose({ children }: { children: string }): React.JSX.Element {
  return (
    <>
      {children
        .split('`')
        .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </>
  );
}
