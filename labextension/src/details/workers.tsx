import type { TranslationBundle } from '@jupyterlab/translation';
import React, { memo, useId, useMemo } from 'react';

import type { ApiError, WorkerJob } from '../api';
import { roughDuration } from '../shared/duration';
import { Prose } from '../shared/prose';
import { explainRefusal } from '../shared/words';
import { Block, BLOCK } from './block';
import type { IAnswer } from './polledanswer';
import { KeepsFocus } from '../shared/keepsfocus';
import type { IProblem } from './clusterrecord';
import { type IRowActions, Row } from './row';
import { arranged, type Column, COLUMNS, divided, type IView, placed, sortedBy } from './table';
import { Trouble } from './trouble';

interface IProps {
  readonly workers: IAnswer<readonly WorkerJob[]>['told'];
  readonly trouble: ApiError | null;
  readonly problem: IProblem | null;
  readonly busy: ReadonlySet<string>;
  /** Whether its jobs can be changed. */
  readonly live: boolean;
  readonly now: number;
  readonly view: IView;
  readonly look: (view: Partial<IView>) => void;
  readonly actions: IRowActions;
  readonly trans: TranslationBundle;
}

/** The job of every worker. */
export const Workers = memo(function Workers(props: IProps): React.JSX.Element {
  const { workers, trouble, problem, trans } = props;
  const heading = useId();
  return (
    <section className="jp-AfLab-jobs" aria-labelledby={heading}>
      <h3 id={heading}>{trans.__('Workers')}</h3>
      <Trouble error={trouble} trans={trans} />
      {problem && (
        <p className="jp-AfLab-trouble" role="alert">
          <strong>{trans.__('Job %1:', problem.worker)}</strong>{' '}
          <Prose>{explainRefusal(problem.error, trans)}</Prose>
        </p>
      )}
      {workers === null ? (
        !trouble && <p className="jp-AfLab-asking">{trans.__('Loading…')}</p>
      ) : workers.length === 0 ? (
        <p className="jp-AfLab-nobody">{trans.__('This cluster has no worker jobs.')}</p>
      ) : (
        <Jobs {...props} workers={workers} />
      )}
    </section>
  );
});

type IJobsProps = IProps & { readonly workers: readonly WorkerJob[] };

function Jobs(props: IJobsProps): React.JSX.Element {
  const { workers, busy, live, now, view, look, actions, trans } = props;
  const fitting = useMemo(() => arranged(workers, view, trans), [workers, view, trans]);
  const { jobs, rows } = useMemo(() => placed(fitting), [fitting]);
  return (
    <>
      <div className="jp-AfLab-tools">
        <label>
          {trans.__('Filter')}
          <input
            type="search"
            className="jp-AfLab-filter"
            placeholder={trans.__('id, host, site or state')}
            value={view.filter}
            onChange={event => {
              look({ filter: event.target.value });
            }}
          />
        </label>
        <span role="status">
          {view.filter.trim() &&
            trans._n('%2 of %1 job', '%2 of %1 jobs', workers.length, fitting.length)}
        </span>
      </div>
      <KeepsFocus className="jp-AfLab-scroll">
        <table
          className="jp-AfLab-table"
          aria-label={trans.__('Jobs of the workers')}
          aria-rowcount={rows}
        >
          <thead>
            <tr aria-rowindex={1}>
              {COLUMNS.map(column => (
                <ColumnHead key={column} column={column} view={view} look={look} trans={trans} />
              ))}
              <th scope="col">{trans.__('Actions')}</th>
            </tr>
          </thead>
          {divided(jobs, BLOCK).map((part, index) => (
            <Block
              key={index}
              rows={part.length}
              columns={COLUMNS.length + 1}
              isFirst={index === 0}
              draw={() =>
                part.map(({ worker, place }) => (
                  <Row
                    key={worker.id}
                    worker={worker}
                    place={place}
                    busy={busy.has(worker.id)}
                    live={live}
                    age={roughDuration(now - Date.parse(worker.since), trans)}
                    actions={actions}
                    trans={trans}
                  />
                ))
              }
            />
          ))}
        </table>
      </KeepsFocus>
    </>
  );
}

interface IColumnHeadProps extends Pick<IProps, 'view' | 'look' | 'trans'> {
  readonly column: Column;
}

function ColumnHead({ column, view, look, trans }: IColumnHeadProps): React.JSX.Element {
  const sorted = view.column === column;
  return (
    <th
      scope="col"
      data-column={column}
      aria-sort={sorted ? (view.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        onClick={() => {
          look(sortedBy(view, column));
        }}
      >
        {columnWord(column, trans)}
        {sorted && <span aria-hidden="true">{view.descending ? '▼' : '▲'}</span>}
      </button>
    </th>
  );
}

function columnWord(column: Column, trans: TranslationBundle): string {
  switch (column) {
    case 'id':
      return trans.__('Job');
    case 'state':
      return trans.__('State');
    case 'site':
      return trans.__('Site');
    case 'host':
      return trans.__('Host');
    case 'since':
      return trans.__('Since');
    case 'tasks':
      return trans.__('Tasks');
    case 'memory':
      return trans.__('Memory');
    case 'starts':
      return trans.__('Starts');
  }
}
