import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import { KeepsFocus } from '../shared/keepsfocus';
import { Prose } from '../shared/prose';
import type { IDashboards } from '../tokens';
import { explain } from '../shared/words';
import { isMeant, plotOf, sourceName } from './words';

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
          : trans.__('Choose a dashboard to list its plots. They open beside your notebook.')}
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
  const found = plots.filter(plot => isMeant(plot, search));
  return (
    <>
      <div className="jp-AfLab-plotField">
        <label htmlFor={id}>{trans.__('Find a plot')}</label>
        <input
          id={id}
          type="search"
          className="jp-mod-styled jp-AfLab-plotSearch"
          autoComplete="off"
          value={search}
          onChange={event => {
            setSearch(event.target.value);
          }}
        />
      </div>
      <ul className="jp-AfLab-plotList" aria-label={trans.__('Plots')}>
        {found.map(({ title, url }) => (
          <li key={url}>
            <button
              type="button"
              title={trans.__('Open %1 beside your notebook', title)}
              onClick={() => {
                openPlot(plotOf(url));
              }}
            >
              {title}
            </button>
          </li>
        ))}
      </ul>
      <p className="jp-AfLab-noPlots" role="status">
        {found.length === 0 && trans.__('No plot has “%1” in its name.', search)}
      </p>
    </>
  );
}
