import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React, {
  memo,
  type RefObject,
  useDeferredValue,
  useId,
  useLayoutEffect,
  useRef
} from 'react';

import type { WorkerJob } from '../api';
import type { ILogChoice, LogModel } from './logmodel';
import { type Found, MOST_LINES, search } from './loglines';
import { Trouble } from './trouble';
import { startWords, workerStateWord } from './words';

/** Numbers of lines to choose from. */
const COUNTS = [100, 500, 1_000, MOST_LINES];

/** A log that is scrolled to within this distance of its end, in pixels, counts as at its end. */
const NEAR = 24;

interface IProps {
  readonly log: LogModel;
  readonly workers: readonly WorkerJob[];
  /** Where the log is chosen. */
  readonly chooser: RefObject<HTMLSelectElement>;
  /** The cluster is gone, and its logs with it. */
  readonly gone: boolean;
  readonly trans: TranslationBundle;
}

/** Begins the value of an option for a start of the scheduler; ids of jobs begin with a digit. */
const START = 'start-';

function selected(value: string): Pick<ILogChoice, 'start' | 'worker'> {
  return value.startsWith(START)
    ? { start: Number(value.slice(START.length)), worker: null }
    : { start: null, worker: value || null };
}

/** The log of the scheduler, or of a worker. */
export function Logs(props: IProps): React.JSX.Element {
  const { log, gone, trans } = props;
  const heading = useId();
  return (
    <section className="jp-AfLab-logs" aria-labelledby={heading}>
      <h3 id={heading}>{trans.__('Logs')}</h3>
      <UseSignal signal={log.changed}>
        {() => (
          <>
            <Tools {...props} />
            <Trouble error={log.trouble} trans={trans} />
            {log.lines ? (
              <Text log={log} lines={log.lines} trans={trans} />
            ) : gone ? (
              <p>{trans.__('The cluster is gone, and this log was not loaded before.')}</p>
            ) : (
              !log.trouble && <p className="jp-AfLab-asking">{trans.__('Loading…')}</p>
            )}
          </>
        )}
      </UseSignal>
    </section>
  );
}

/** The jobs to choose from; there may be a thousand, and the log itself changes every second. */
const WorkerOptions = memo(function WorkerOptions({
  workers,
  trans
}: Pick<IProps, 'workers' | 'trans'>): React.JSX.Element {
  return (
    <>
      {workers.map(({ id, host, state }) => (
        <option key={id} value={id}>
          {[trans.__('job %1', id), host, workerStateWord(state, trans)]
            .filter(part => part !== null)
            .join(', ')}
        </option>
      ))}
    </>
  );
});

function Tools({ log, workers, chooser, trans }: IProps): React.JSX.Element {
  const { choice, source, starts } = log;
  const { start, worker: chosen } = choice;
  const unlisted = chosen !== null && !workers.some(({ id }) => id === chosen);
  return (
    <div className="jp-AfLab-tools">
      <label>
        {trans.__('Log of')}
        <select
          ref={chooser}
          className="jp-AfLab-source"
          value={chosen ?? (start === null ? '' : `${START}${start}`)}
          title={source ?? undefined}
          onChange={event => {
            log.choose(selected(event.target.value));
          }}
        >
          <option value="">{trans.__('the scheduler')}</option>
          {starts.length > 1 &&
            starts.map(one => (
              <option key={one.number} value={`${START}${one.number}`}>
                {startWords(one, starts.length, trans)}
              </option>
            ))}
          {unlisted && <option value={chosen}>{trans.__('job %1', chosen)}</option>}
          <WorkerOptions workers={workers} trans={trans} />
        </select>
      </label>
      <label>
        {trans.__('Lines')}
        <select
          className="jp-AfLab-count"
          value={choice.count}
          onChange={event => {
            log.choose({ count: Number(event.target.value) });
          }}
        >
          {COUNTS.map(count => (
            <option key={count} value={count}>
              {trans.__('last %1', count)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {trans.__('Search')}
        <input
          type="search"
          className="jp-AfLab-search"
          value={choice.search}
          onChange={event => {
            log.choose({ search: event.target.value });
          }}
        />
      </label>
      <label>
        <input
          type="checkbox"
          className="jp-AfLab-follow"
          checked={choice.follow}
          onChange={event => {
            log.choose({ follow: event.target.checked });
          }}
        />
        {trans.__('Follow')}
      </label>
    </div>
  );
}

interface ITextProps extends Pick<IProps, 'log' | 'trans'> {
  readonly lines: readonly string[];
}

function Text({ log, lines, trans }: ITextProps): React.JSX.Element {
  const { worker, start, follow, search: typed } = log.choice;
  const text = useDeferredValue(typed);
  const found = text === '' ? null : search(lines, text);
  const pre = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (pre.current && follow && atEnd.current) {
      pre.current.scrollTop = pre.current.scrollHeight;
    }
  }, [lines, text, follow]);
  return (
    <>
      <p className="jp-AfLab-matching" role="status">
        {found && trans._n('%1 line matches', '%1 lines match', found.length)}
      </p>
      <pre
        ref={pre}
        className="jp-AfLab-log"
        role="log"
        // Screen readers should not read out each new line.
        aria-live="off"
        aria-label={
          worker !== null
            ? trans.__('Log of job %1', worker)
            : start !== null
              ? trans.__('Log of start %1 of the scheduler', start)
              : trans.__('Log of the scheduler')
        }
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
        }}
      >
        {found
          ? found.map(asLine)
          : lines.join('\n') ||
            (start === null
              ? trans.__('This log is empty so far.')
              : trans.__('This start wrote nothing.'))}
      </pre>
    </>
  );
}

function asLine(pieces: Found, index: number): React.JSX.Element {
  return (
    <React.Fragment key={index}>
      {pieces.map((piece, place) => (place % 2 === 1 ? <mark key={place}>{piece}</mark> : piece))}
      {'\n'}
    </React.Fragment>
  );
}
