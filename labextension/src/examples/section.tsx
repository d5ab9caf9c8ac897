import type { TranslationBundle } from '@jupyterlab/translation';
import { PanelWithToolbar, UseSignal } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import type { Example } from '../api';
import { SeenWidget } from '../shared/clock';
import { Prose } from '../shared/prose';
import type { IFacility } from '../tokens';
import { explainRefusal } from '../shared/words';
import { ExampleItem } from './item';

export interface IExamplesSectionOptions {
  readonly facility: IFacility;
  /** Open an example by its id. */
  readonly open: (id: string) => void;
  readonly trans: TranslationBundle;
}

/** The section of the panel that offers examples. */
export class ExamplesSection extends PanelWithToolbar {
  constructor(options: IExamplesSectionOptions) {
    super();
    this.addClass('jp-AfLab-examples');
    this.title.label = options.trans.__('Examples');
    this.addWidget(new Offers(options));
  }
}

/** Loads the examples when it is first shown. */
class Offers extends SeenWidget {
  constructor(private readonly _options: IExamplesSectionOptions) {
    super();
  }

  protected override draw(): React.JSX.Element {
    const { facility } = this._options;
    return <UseSignal signal={facility.changed}>{() => <Gallery {...this._options} />}</UseSignal>;
  }

  protected override onSeen(): void {
    const { facility } = this._options;
    if (!facility.examples) {
      void facility.loadExamples();
    }
  }
}

function Gallery({ facility, open, trans }: IExamplesSectionOptions): React.JSX.Element {
  const { examples, examplesTrouble: trouble } = facility;
  if (examples) {
    return <Choice examples={examples} facility={facility} open={open} trans={trans} />;
  }
  if (!trouble) {
    return <p className="jp-AfLab-waiting">{trans.__('Loading…')}</p>;
  }
  return (
    <div className="jp-AfLab-quiet">
      <p>
        <strong>{trans.__('The examples could not be listed.')}</strong>{' '}
        <Prose>{explainRefusal(trouble, trans)}</Prose>
      </p>
      <button
        type="button"
        className="jp-AfLab-button jp-AfLab-again"
        onClick={() => void facility.loadExamples()}
      >
        {trans.__('Try again')}
      </button>
    </div>
  );
}

type Framework = Example['framework'];

interface IChoiceProps extends IExamplesSectionOptions {
  readonly examples: readonly Example[];
}

function Choice({ examples, facility, open, trans }: IChoiceProps): React.JSX.Element {
  const id = useId();
  const [text, setText] = useState('');
  const [framework, setFramework] = useState<Framework | null>(null);
  const [topic, setTopic] = useState('');
  const chosen = examples.filter(
    example =>
      (framework === null || example.framework === framework) &&
      (topic === '' || example.topics.includes(topic)) &&
      matches(example, text)
  );
  const frameworks = [...new Set(examples.map(example => example.framework))];
  const topics = [...new Set(examples.flatMap(example => example.topics))];
  return (
    <>
      <div className="jp-AfLab-filters">
        <label htmlFor={id}>{trans.__('Find an example')}</label>
        <input
          id={id}
          type="search"
          className="jp-mod-styled"
          autoComplete="off"
          value={text}
          onChange={event => {
            setText(event.target.value);
          }}
        />
        <select
          aria-label={trans.__('Topic')}
          title={trans.__('What the examples show')}
          value={topic}
          onChange={event => {
            setTopic(event.target.value);
          }}
        >
          <option value="">{trans.__('All topics')}</option>
          {topics.map(name => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <div role="group" aria-label={trans.__('Framework')} className="jp-AfLab-toggles">
          {[null, ...frameworks].map(choice => (
            <button
              key={choice ?? ''}
              type="button"
              className="jp-AfLab-button jp-AfLab-toggle"
              aria-pressed={choice === framework}
              onClick={() => {
                setFramework(choice);
              }}
            >
              {choice ?? trans.__('All')}
            </button>
          ))}
        </div>
      </div>
      {chosen.length > 0 ? (
        <ul className="jp-AfLab-gallery">
          {chosen.map(example => (
            <ExampleItem
              key={example.id}
              example={example}
              open={open}
              thumbnail={example.thumbnail === null ? null : facility.url(example.thumbnail)}
              trans={trans}
            />
          ))}
        </ul>
      ) : (
        <p className="jp-AfLab-quiet" role="status">
          {trans.__('No example matches.')}
        </p>
      )}
    </>
  );
}

function matches({ title, description, topics }: Example, text: string): boolean {
  const words = text.toLocaleLowerCase().split(/\s+/);
  const searched = [title, description, ...topics].join(' ').toLocaleLowerCase();
  return words.every(word => searched.includes(word));
}
