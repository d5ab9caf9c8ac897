import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';

import { type ApiError, asApiError, type FailedTask } from '../api';
import { Trouble } from '../details/trouble';
import { Prose } from '../shared/prose';
import type { IRuns } from '../tokens';

/** The maximum number of tasks to choose from. */
const MOST_TASKS = 1_000;

/** The tasks of a run that failed, and the log of one of them. */
export class RunLogView extends ReactWidget {
  constructor(
    private readonly _runs: IRuns,
    private readonly _name: string,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-runLogView');
    // The dialog looks for what can take the focus before anything is drawn; from here, Tab goes on to the tasks.
    this.node.tabIndex = -1;
  }

  protected override render(): React.JSX.Element {
    return <Tasks runs={this._runs} name={this._name} trans={this._trans} />;
  }
}

interface IProps {
  readonly runs: IRuns;
  readonly name: string;
  readonly trans: TranslationBundle;
}

function Tasks({ runs, name, trans }: IProps): React.JSX.Element {
  const { value: tasks, trouble } = useAnswer(() => runs.tasks(name), name);
  const [chosen, setChosen] = useState<string | null>(null);
  if (!tasks) {
    return <Waiting trouble={trouble} trans={trans} />;
  }
  const task = tasks.find(({ task }) => task === chosen) ?? tasks[0];
  if (!task) {
    return <p>{trans.__('No task of this run has failed or was cancelled.')}</p>;
  }
  return (
    <>
      <label>
        {trans._n(
          '%1 task failed or was cancelled:',
          '%1 tasks failed or were cancelled:',
          tasks.length
        )}
        <select
          className="jp-AfLab-task"
          value={task.task}
          onChange={event => {
            setChosen(event.target.value);
          }}
        >
          {tasks.slice(0, MOST_TASKS).map(one => (
            <option key={one.task} value={one.task}>
              {optionWords(one, trans)}
            </option>
          ))}
        </select>
      </label>
      {tasks.length > MOST_TASKS && <p>{trans.__('and %1 others', tasks.length - MOST_TASKS)}</p>}
      <p className="jp-AfLab-reason">
        <Prose>{task.words}</Prose>
      </p>
      <Log key={task.task} runs={runs} name={name} task={task.task} trans={trans} />
    </>
  );
}

function Log({ runs, name, task, trans }: IProps & { readonly task: string }): React.JSX.Element {
  const { value, trouble } = useAnswer(() => runs.log(name, task), task);
  return value ? (
    <pre
      className="jp-AfLab-log"
      role="log"
      aria-live="off"
      aria-label={trans.__('Log of task %1', task)}
      tabIndex={0}
    >
      {value.text || trans.__('This log is empty.')}
    </pre>
  ) : (
    <Waiting trouble={trouble} trans={trans} />
  );
}

function Waiting({
  trouble,
  trans
}: {
  readonly trouble: ApiError | null;
  readonly trans: TranslationBundle;
}): React.JSX.Element {
  return trouble ? (
    <Trouble error={trouble} trans={trans} />
  ) : (
    <p className="jp-AfLab-asking">{trans.__('Loading…')}</p>
  );
}

interface IAnswer<T> {
  readonly value: T | null;
  readonly trouble: ApiError | null;
}

/** The answer to a question that is asked once for each subject. */
function useAnswer<T>(ask: () => Promise<T>, subject: string): IAnswer<T> {
  const [answer, setAnswer] = useState<IAnswer<T>>({ value: null, trouble: null });
  useEffect(() => {
    let isWanted = true;
    void ask().then(
      value => {
        if (isWanted) {
          setAnswer({ value, trouble: null });
        }
      },
      (error: unknown) => {
        if (isWanted) {
          setAnswer({ value: null, trouble: asApiError(error) });
        }
      }
    );
    return () => {
      isWanted = false;
    };
    // The question is a new function each time it is drawn.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [subject]);
  return answer;
}

/** "0.17, 2 calls: ZeroDivisionError: division by zero" */
function optionWords({ task, calls, words }: FailedTask, trans: TranslationBundle): string {
  return trans._n('%2, %1 call: %3', '%2, %1 calls: %3', calls, task, words);
}
