import type { TranslationBundle } from '@jupyterlab/translation';
import { deleteIcon, type LabIcon, listIcon, runIcon } from '@jupyterlab/ui-components';
import React, { memo } from 'react';

import type { WorkerJob } from '../api';
import { Prose } from '../shared/prose';
import { COLUMNS } from './table';
import { exactTime, memoryWords, workerStateWord } from './words';

/** What can be done with a worker's job. */
export interface IRowActions {
  readonly log: (worker: WorkerJob) => void;
  readonly release: (worker: WorkerJob) => void;
  readonly remove: (worker: WorkerJob) => void;
}

interface IProps {
  readonly worker: WorkerJob;
  /** The number of its row in the whole table. */
  readonly place: number;
  readonly busy: boolean;
  readonly live: boolean;
  /** How long it has been in its state, in words. */
  readonly age: string;
  readonly actions: IRowActions;
  readonly trans: TranslationBundle;
}

/** The job of a worker, and below it why it is on hold. Only rows that change are drawn again. */
export const Row = memo(function Row(props: IProps): React.JSX.Element {
  const { worker, place, age, trans } = props;
  const { id, state, site, host, since, tasks, starts, reason } = worker;
  return (
    <>
      <tr data-job={id} data-job-state={state} aria-rowindex={place}>
        <th scope="row">{id}</th>
        <td>{workerStateWord(state, trans)}</td>
        <td className="jp-AfLab-site" title={site ?? undefined}>
          {site ?? '–'}
        </td>
        <td className="jp-AfLab-host" title={host ?? undefined}>
          {host ?? '–'}
        </td>
        <td data-number>
          <time dateTime={since} title={exactTime(since)}>
            {age}
          </time>
        </td>
        <td data-number>{tasks}</td>
        <td data-number>
          <Memory worker={worker} trans={trans} />
        </td>
        <td data-number>{starts}</td>
        <td>
          <Actions {...props} />
        </td>
      </tr>
      {reason && (
        <tr className="jp-AfLab-hold" aria-rowindex={place + 1}>
          <td colSpan={COLUMNS.length + 1}>
            <div>
              <Prose>{reason}</Prose>
            </div>
          </td>
        </tr>
      )}
    </>
  );
}, isSame);

/** Whether a row would look the same. Each answer of the server has new records, most with the same content. */
function isSame(before: IProps, after: IProps): boolean {
  const { worker, ...rest } = after;
  return (
    JSON.stringify(before.worker) === JSON.stringify(worker) &&
    Object.entries(rest).every(([name, value]) => before[name as keyof IProps] === value)
  );
}

function Memory({ worker, trans }: Pick<IProps, 'worker' | 'trans'>): React.JSX.Element {
  const { memory_asked: asked, memory_used: used } = worker;
  return (
    <div className="jp-AfLab-memory" data-over={used !== null && used > asked}>
      {memoryWords(worker, trans)}
      {used !== null && (
        <span aria-hidden="true">
          <span style={{ width: `${Math.min(100, (100 * used) / Math.max(asked, 1))}%` }} />
        </span>
      )}
    </div>
  );
}

function Actions({ worker, busy, live, actions, trans }: IProps): React.JSX.Element {
  const { id, state } = worker;
  return (
    <div className="jp-AfLab-actions">
      <Action
        icon={listIcon}
        name={trans.__('Log')}
        label={trans.__('Log of job %1', id)}
        onClick={() => {
          actions.log(worker);
        }}
      />
      {live && state === 'held' && (
        <Action
          icon={runIcon}
          name={trans.__('Release')}
          label={trans.__('Release job %1', id)}
          busy={busy}
          onClick={() => {
            actions.release(worker);
          }}
        />
      )}
      {live && state !== 'leaving' && (
        <Action
          icon={deleteIcon}
          name={trans.__('Remove')}
          label={trans.__('Remove job %1', id)}
          busy={busy}
          onClick={() => {
            actions.remove(worker);
          }}
        />
      )}
    </div>
  );
}

interface IActionProps {
  readonly icon: LabIcon;
  /** The text of the button, where there is room. */
  readonly name: string;
  readonly label: string;
  readonly busy?: boolean;
  readonly onClick: () => void;
}

function Action({ icon, name, label, busy = false, onClick }: IActionProps): React.JSX.Element {
  return (
    <button
      type="button"
      className="jp-AfLab-button"
      aria-label={label}
      // Not `disabled`, because the button would lose the focus.
      aria-disabled={busy}
      title={label}
      onClick={busy ? undefined : onClick}
    >
      <icon.react tag="span" width="16px" height="16px" />
      <span className="jp-AfLab-actionName">{name}</span>
    </button>
  );
}
