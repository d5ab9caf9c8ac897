import type { TranslationBundle } from '@jupyterlab/translation';
import React, { memo, useId } from 'react';

import type { ApiError } from '../api';
import { type IChart, layOut } from './chart';
import { type IPoint, type Layer, LAYERS } from './layers';
import { Trouble } from './trouble';
import { clock, day, layerWord, timelineWords } from './words';

const HEIGHT = 200;
const DAY = 24 * 3_600_000;

interface IProps {
  readonly points: readonly IPoint[] | null;
  readonly trouble: ApiError | null;
  readonly now: number;
  /** The width of the drawing, in pixels. */
  readonly width: number;
  readonly trans: TranslationBundle;
}

/** How many workers there were over time. */
export const Timeline = memo(function Timeline(props: IProps): React.JSX.Element {
  const { points, trouble, now, width, trans } = props;
  const heading = useId();
  return (
    <section className="jp-AfLab-timeline" aria-labelledby={heading}>
      <h3 id={heading}>{trans.__('Workers over time')}</h3>
      <Trouble error={trouble} trans={trans} />
      {points === null ? (
        !trouble && <p className="jp-AfLab-asking">{trans.__('Loading…')}</p>
      ) : points.length === 0 ? (
        <p className="jp-AfLab-asking">{trans.__('No data yet.')}</p>
      ) : (
        <Drawing
          chart={layOut(
            points,
            now,
            { width, height: HEIGHT },
            -60_000 * new Date(now).getTimezoneOffset()
          )}
          width={width}
          trans={trans}
        />
      )}
    </section>
  );
});

interface IDrawingProps {
  readonly chart: IChart;
  readonly width: number;
  readonly trans: TranslationBundle;
}

function Drawing({ chart, width, trans }: IDrawingProps): React.JSX.Element {
  const prefix = useId().replaceAll(':', '');
  const { begin, end, areas, counts, times, left, right, bottom } = chart;
  return (
    <>
      <svg
        className="jp-AfLab-chart"
        role="img"
        aria-label={timelineWords(begin, end, chart, trans)}
        viewBox={`0 0 ${width} ${HEIGHT}`}
      >
        <defs>
          {LAYERS.map(layer => (
            <Pattern key={layer} layer={layer} prefix={prefix} />
          ))}
        </defs>
        {counts.map(({ at, value }) => (
          <g key={value} className="jp-AfLab-mark">
            <line x1={left} x2={right} y1={at} y2={at} />
            <text x={left - 6} y={at} textAnchor="end" dominantBaseline="middle">
              {value}
            </text>
          </g>
        ))}
        {areas
          .filter(({ layer }) => chart.most[layer] > 0)
          .map(({ layer, path }) => (
            <g key={layer} className="jp-AfLab-layer" data-layer={layer}>
              <path d={path} />
              <path
                className="jp-AfLab-texture"
                d={path}
                style={{ fill: `url(#${prefix}-${layer})` }}
              />
            </g>
          ))}
        {times.map(({ at, value }) => (
          <g key={value} className="jp-AfLab-mark">
            <line x1={at} x2={at} y1={bottom} y2={bottom + 4} />
            <text x={at} y={bottom + 16} textAnchor="middle">
              {chart.step < DAY ? clock(value, chart.step < 60_000) : day(value)}
            </text>
          </g>
        ))}
      </svg>
      <ul className="jp-AfLab-legend" aria-label={trans.__('Now')}>
        {LAYERS.map(layer => (
          <li key={layer}>
            <svg
              className="jp-AfLab-layer"
              data-layer={layer}
              width="24"
              height="14"
              aria-hidden="true"
            >
              <rect width="24" height="14" />
              <rect
                className="jp-AfLab-texture"
                width="24"
                height="14"
                style={{ fill: `url(#${prefix}-${layer})` }}
              />
            </svg>
            {chart.now[layer]} {layerWord(layer, trans)}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Lines, points and crosses, so that a layer is recognised without its colour. */
const STROKES: Readonly<Record<Layer, string>> = {
  connected: '',
  starting: 'M0,8L8,0M-2,2L2,-2M6,10L10,6',
  waiting: 'M3,4h2',
  stuck: 'M0,0L8,8M8,0L0,8'
};

function Pattern({
  layer,
  prefix
}: {
  readonly layer: Layer;
  readonly prefix: string;
}): React.JSX.Element {
  return (
    <pattern id={`${prefix}-${layer}`} width="8" height="8" patternUnits="userSpaceOnUse">
      <path className="jp-AfLab-stroke" d={STROKES[layer]} />
    </pattern>
  );
}
