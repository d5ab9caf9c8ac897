import type { TranslationBundle } from '@jupyterlab/translation';
import { linkIcon } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import { type ApiError, isLive } from '../api';
import { IconButton } from '../clusters/iconbutton';
import { Prose } from '../shared/prose';
import type { IDashboards, IEntry, Source } from '../tokens';
import { explain } from '../shared/words';
import { wrongSyntax } from './address';
import { sourceName, wrongAddress } from './words';

interface IProps {
  readonly dashboards: IDashboards;
  readonly entries: readonly IEntry[];
  readonly copyAddress: () => void;
  readonly findInKernel: () => void;
  readonly trans: TranslationBundle;
}

/** Chooses the dashboard: that of a cluster, of the active notebook's client, or of an address. */
export function Chooser(props: IProps): React.JSX.Element {
  const { findInKernel, trans } = props;
  return (
    <div className="jp-AfLab-chooser">
      <SourceSelect {...props} />
      <details className="jp-AfLab-elsewhere">
        <summary>{trans.__('Dask outside this list')}</summary>
        <button
          type="button"
          className="jp-AfLab-button jp-AfLab-find"
          title={trans.__('Show the plots of the Dask client in the active notebook')}
          onClick={findInKernel}
        >
          {trans.__('Used in this notebook')}
        </button>
        <AddressField {...props} />
      </details>
    </div>
  );
}

function SourceSelect({ dashboards, copyAddress, entries, trans }: IProps): React.JSX.Element {
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
      {source && (
        <IconButton
          className="jp-AfLab-copyAddress"
          icon={linkIcon}
          label={trans.__('Copy the address of the dashboard of %1', sourceName(source))}
          title={trans.__('Copy the address of its dashboard, for a tab of the browser')}
          onClick={copyAddress}
        />
      )}
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
