import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { standingWord } from '../shared/words';
import type { IEntry } from '../tokens';

/** From this number of clusters on, their cards are compact and can be filtered. */
export const MANY = 8;

/** The clusters that have each of these words in their name or state. */
export function filtered(
  entries: readonly IEntry[],
  words: string,
  trans: TranslationBundle
): readonly IEntry[] {
  const wanted = words.toLowerCase().split(/\s+/);
  return entries.filter(entry => {
    const known = `${entry.cluster.name} ${standingWord(entry, trans)}`.toLowerCase();
    return wanted.every(word => known.includes(word));
  });
}

interface IProps {
  readonly words: string;
  /** How many clusters have these words, and how many there are. */
  readonly found: number;
  readonly all: number;
  readonly onChange: (words: string) => void;
  readonly trans: TranslationBundle;
}

/** The field that filters the clusters. */
export function Filter({ words, found, all, onChange, trans }: IProps): React.JSX.Element {
  return (
    <div className="jp-AfLab-clusterFilter">
      <input
        type="search"
        className="jp-mod-styled"
        aria-label={trans.__('Filter the clusters by name or state')}
        placeholder={trans.__('Filter by name or state')}
        autoComplete="off"
        value={words}
        onChange={event => {
          onChange(event.target.value);
        }}
      />
      <p className="jp-AfLab-quiet" role="status">
        {words.trim() !== '' && trans.__('%1 of %2 clusters', found, all)}
      </p>
    </div>
  );
}
