import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

/** Whether a text has each of the words, whatever their case. */
export function hasWords(text: string, words: string): boolean {
  const known = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every(word => known.includes(word));
}

interface IProps {
  readonly words: string;
  /** How many cards have these words, as a text. */
  readonly found: string;
  /** What is filtered, for those who cannot see it. */
  readonly label: string;
  readonly onChange: (words: string) => void;
  readonly trans: TranslationBundle;
}

/** The field that filters cards. */
export function Filter({ words, found, label, onChange, trans }: IProps): React.JSX.Element {
  return (
    <div className="jp-AfLab-clusterFilter">
      <input
        type="search"
        className="jp-mod-styled"
        aria-label={label}
        placeholder={trans.__('Filter by name or state')}
        autoComplete="off"
        value={words}
        onChange={event => {
          onChange(event.target.value);
        }}
      />
      <p className="jp-AfLab-quiet" role="status">
        {words.trim() !== '' && found}
      </p>
    </div>
  );
}
