import React from 'react';

const PLACES = [0, 1, 2, 3, 4, 5];

/** How many of the drawn workers have arrived. */
const ARRIVED = 4;

/** A drawing of a cluster whose workers arrive; it says nothing that the text beside it does not. */
export function WorkersPicture(): React.JSX.Element {
  return (
    <svg viewBox="0 0 240 150" className="jp-AfLab-workersPicture" aria-hidden="true">
      {PLACES.map(place => {
        const x = 30 + 36 * place;
        const isThere = place < ARRIVED;
        return (
          <g key={place} className={isThere ? 'jp-AfLab-drawnWorker' : 'jp-AfLab-drawnPlace'}>
            <path d={`M120 46C120 72 ${x} 66 ${x} 92`} />
            <rect x={x - 13} y={92} width={26} height={26} rx={5} />
          </g>
        );
      })}
      <circle cx={120} cy={34} r={16} className="jp-AfLab-drawnScheduler" />
    </svg>
  );
}
