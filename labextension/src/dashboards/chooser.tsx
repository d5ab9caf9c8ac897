import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import { type ApiError, isLive } from '../api';
import { Prose } from '../shared/prose';
import type { IDashboards, IEntry, Source } from '../tokens';
import { explain } from '../shared/words';
import { wrongSyntax } from './address';
import { sourceName, wrongAddress } from './words';

interface IProps {
  readonly dashboards: IDashboards;
  readonly entries: readonly IEntry[];
  readonly findInKernel: () => void;
  readonly trans: TranslationBundle;
}

/** Chooses the dashboard: that of a cluster, of an address, or of the active notebook's client. */
export function Chooser(props: IProps): React.JSX.Element {
  const { findInKernel, trans } = props;
  return (
    <div className="jp-AfLab-chooser">
      <SourceSelect {...props} />
      <AddressField {...props} />
      <button type="button" className="jp-AfLab-button jp-AfLab-find" onClick={findInKernel}>
        {trans.__('Of the active notebook’s client')}
      </button>
    </div>
  );
}

function SourceSelect({ dashboards, entries, trans }: IProps): React.JSX.Element {
  const id = useId();
  const { source } = dashboards;
  const sources: Source[] = entries
    .filter(({ state }) => isLive(state))
    .map(({ cluster: { name } }) => ({ kind: 'cluster', name }));
  if (source && !sources.some(one => keyOf(one) === keyOf(source))) {
    sources.push(source);
  }
  return (
    <div className="jp-AfLab-plotField">
      <label htmlFor={id}>{trans.__('Plots of')}</label>
      <select
        id={id}
        className="jp-AfLab-whose"
        value={source ? keyOf(source) : ''}
        onChange={event => {
          const chosen = sources.find(one => keyOf(one) === event.target.value);
          if (chosen) {
            dashboards.follow(chosen);
          }
        }}
      >
        {!source && (
          <option value="">
            {sources.length > 0 ? trans.__('choose a cluster') : trans.__('no running clusters')}
          </option>
        )}
        {sources.map(one => (
          <option key={keyOf(one)} value={keyOf(one)}>
            {sourceName(one)}
          </option>
        ))}
      </select>
    </div>
  );
}

function AddressField({ dashboards, trans }: IProps): React.JSX.Element {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState<ApiError | null>(null);
  const use = (event: React.FormEvent): void => {
    event.preventDefault();
    const mistake = wrongSyntax(typed);
    setWrong(mistake && wrongAddress(mistake, trans));
    if (!mistake) {
      dashboards.follow({ kind: 'address', url: typed.trim() });
    }
  };
  return (
    <form className="jp-AfLab-plotField" onSubmit={use}>
      <label htmlFor={id}>{trans.__('Dask dashboard address')}</label>
      <div className="jp-AfLab-address">
        <input
          id={id}
          className="jp-mod-styled"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          placeholder={trans.__('127.0.0.1:8787')}
          aria-invalid={wrong !== null}
          aria-describedby={`${id}-wrong`}
          value={typed}
          onChange={event => {
            setTyped(event.target.value);
            setWrong(null);
          }}
        />
        <button
          type="submit"
          className="jp-AfLab-button"
          aria-label={trans.__('Show the plots of this address')}
        >
          {trans.__('Show')}
        </button>
      </div>
      <p id={`${id}-wrong`} className="jp-AfLab-wrong" role="alert">
        {wrong && <Prose>{explain(wrong, trans).text}</Prose>}
      </p>
    </form>
  );
}

function keyOf(source: Source): string {
  return source.kind === 'cluster' ? `cluster ${source.name}` : `address ${source.url}`;
}
