import type { TranslationBundle } from '@jupyterlab/translation';
import { PanelWithToolbar, UseSignal } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { SECOND, SeenWidget, useNow } from '../shared/clock';
import { Filter, hasWords } from '../shared/filter';
import { MANY, useFolds } from '../shared/folds';
import { KeepsFocus } from '../shared/keepsfocus';
import { Prose } from '../shared/prose';
import type { IRuns } from '../tokens';
import { type IRunActions, RunCard } from './card';
import { runWord } from './words';

/** How often the ages go on, in milliseconds. */
const BEAT = 10 * SECOND;

export interface IRunsSectionOptions {
  readonly runs: IRuns;
  readonly actions: IRunActions;
  readonly trans: TranslationBundle;
}

/** The section of the panel that lists the runs. */
export class RunsSection extends PanelWithToolbar {
  constructor(options: IRunsSectionOptions) {
    super();
    this.addClass('jp-AfLab-runs');
    this.title.label = options.trans.__('Runs');
    this.addWidget(new List(options));
  }
}

class List extends SeenWidget {
  constructor(private readonly _options: IRunsSectionOptions) {
    super();
  }

  protected override draw(): React.JSX.Element {
    const { runs } = this._options;
    return <UseSignal signal={runs.changed}>{() => <Runs {...this._options} />}</UseSignal>;
  }
}

function Runs({ runs, actions, trans }: IRunsSectionOptions): React.JSX.Element {
  const { entries, trouble } = runs;
  const now = useNow(BEAT, entries.length > 0);
  const [words, setWords] = useState('');
  const fold = useFolds();
  const isMany = entries.length >= MANY;
  const shown = entries.filter(
    entry => !isMany || hasWords(`${entry.run.name} ${runWord(entry, trans)}`, words)
  );
  return (
    <KeepsFocus className="jp-AfLab-list">
      <div data-stale={trouble !== null}>
        {isMany && (
          <Filter
            words={words}
            found={trans.__('%1 of %2 runs', shown.length, entries.length)}
            label={trans.__('Filter the runs by name or state')}
            onChange={setWords}
            trans={trans}
          />
        )}
        {entries.length > 0 ? (
          <ul>
            {shown.map(entry => (
              <RunCard
                key={entry.run.name}
                entry={entry}
                actions={actions}
                fold={isMany ? fold(entry.run.name) : null}
                now={now}
                trans={trans}
              />
            ))}
          </ul>
        ) : (
          <p className="jp-AfLab-quiet jp-AfLab-hint">
            <Prose>
              {trans.__('No runs. `af_lab.BatchExecutor` runs Python calls as HTCondor jobs.')}
            </Prose>
          </p>
        )}
      </div>
    </KeepsFocus>
  );
}
