import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import { KeepsFocus } from '../shared/keepsfocus';
import { Prose } from '../shared/prose';
import type { IDashboards } from '../tokens';
import { explain } from '../shared/words';
import { findPlots, knownPlot, plotOf } from './plots';
import { sourceName } from './words';

interface IProps {
  readonly dashboards: IDashboards;
  readonly openPlot: (plot: string) => void;
  readonly trans: TranslationBundle;
}

/** The list of plots, each of which opens its pane; or the reason why it is empty. */
export function PlotList(props: IProps): React.JSX.Element {
  return (
    <KeepsFocus className="jp-AfLab-plotPart">
      <Content {...props} />
    </KeepsFocus>
  );
}

function Content(props: IProps): React.JSX.Element {
  const { dashboards, trans } = props;
  const { plots, source, trouble } = dashboards;
  if (trouble) {
    const { title, text } = explain(trouble, trans);
    return (
      <div className="jp-AfLab-plotTrouble">
        <div role="alert">
          <strong>{title}</strong>
          <p>
            <Prose>{text}</Prose>
          </p>
        </div>
        <button
          type="button"
          className="jp-AfLab-button"
          aria-label={trans.__('Load the plots again')}
          onClick={() => void dashboards.refresh()}
        >
          {trans.__('Try again')}
        </button>
      </div>
    );
  }
  if (!plots) {
    return (
      <p className="jp-AfLab-noPlots" role="status">
        {source
          ? trans.__('The plots of %1 appear when its Dask scheduler answers.', sourceName(source))
          : trans.__('Choose a cluster to list its plots. They open beside the notebook.')}
      </p>
    );
  }
  return <Found {...props} plots={plots} />;
}

function Found({
  plots,
  openPlot,
  trans
}: IProps & { readonly plots: NonNullable<IDashboards['plots']> }): React.JSX.Element {
  const id = useId();
  const [search, setSearch] = useState('');
  const found = findPlots(plots, search, trans);
  return (
    <>
      <div className="jp-AfLab-plotField">
        <label htmlFor={id}>{trans.__('Find a plot')}</label>
        <input
          id={id}
          type="search"
          className="jp-mod-styled jp-AfLab-plotSearch"
          autoComplete="off"
          placeholder={trans.__('for example memory, disk, profile')}
          value={search}
          onChange={event => {
            setSearch(event.target.value);
          }}
        />
      </div>
      <ul className="jp-AfLab-plotList" aria-label={trans.__('Plots')}>
        {found.map(({ title, url }) => {
          const plot = plotOf(url);
          return (
            <li key={url}>
              <button
                type="button"
                aria-labelledby={`${id}-${plot}`}
                aria-describedby={`${id}-${plot}-shows`}
                title={trans.__('Open %1 beside the notebook', title)}
                onClick={() => {
                  openPlot(plot);
                }}
              >
                <span id={`${id}-${plot}`}>{title}</span>
                <span id={`${id}-${plot}-shows`} className="jp-AfLab-shows">
                  {knownPlot(plot, trans).shows}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <p className="jp-AfLab-noPlots" role="status">
        {found.length === 0 && trans.__('No plot is called “%1” or shows it.', search)}
      </p>
    </>
  );
}
