import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useLayoutEffect } from 'react';

import type { Cluster, WorkerJob } from '../api';
import { pythonCode } from '../clusters/copiedcode';
import { requestLike, variablesOf } from '../clusters/likeness';
import { Prose } from '../shared/prose';
import { Head } from './head';
import type { IReport, IReportLog } from './reportdata';
import { Timeline } from './timeline';
import { Why } from './why';
import { exactTime, memoryWords, workerStateWord } from './words';

/** The width of the time line, in pixels. */
const WIDTH = 900;

interface IProps {
  readonly report: IReport;
  /** Called when it is drawn. */
  readonly drawn: () => void;
  readonly trans: TranslationBundle;
}

/** All that is known of a cluster, to be read elsewhere. */
export function Report({ report, drawn, trans }: IProps): React.JSX.Element {
  const { entry, logs, made, points, problems, workers } = report;
  const { cluster } = entry;
  useLayoutEffect(drawn, [drawn]);
  const when = new Date(made).toISOString();
  return (
    <main>
      <p className="made">
        {trans.__('As seen by af_lab %1 at %2.', cluster.environment.af_lab, when)}
      </p>
      <Head entry={entry} gone={false} now={made} trans={trans} />
      {problems.map(problem => (
        <p key={problem} className="problem">
          {trans.__('A part is missing: %1', problem)}
        </p>
      ))}
      {entry.why && <Why told={entry.why} trans={trans} />}
      <Troubles cluster={cluster} trans={trans} />
      <Timeline
        points={points}
        trouble={null}
        now={cluster.ended === null ? made : Date.parse(cluster.ended)}
        width={WIDTH}
        trans={trans}
      />
      <Jobs workers={workers} trans={trans} />
      <section>
        <h3>{trans.__('Specification')}</h3>
        <pre>{pythonCode(requestLike(cluster), variablesOf(cluster))}</pre>
      </section>
      <section>
        <h3>{trans.__('Logs')}</h3>
        {logs.map(log => (
          <Log key={`${log.worker} ${log.start}`} log={log} trans={trans} />
        ))}
      </section>
    </main>
  );
}

function Troubles({
  cluster,
  trans
}: {
  readonly cluster: Cluster;
  readonly trans: TranslationBundle;
}): React.JSX.Element | null {
  const { troubles } = cluster;
  return troubles.length === 0 ? null : (
    <section>
      <h3>{trans.__('Troubles')}</h3>
      <ul>
        {troubles.map(({ count, text, when, worker }, index) => (
          <li key={index}>
            <time dateTime={when}>{exactTime(when)}</time>{' '}
            {worker !== '' && trans.__('job %1', worker)} <Prose>{text}</Prose>{' '}
            {count > 1 && trans.__('(%1 times)', count)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Jobs({
  workers,
  trans
}: {
  readonly workers: readonly WorkerJob[];
  readonly trans: TranslationBundle;
}): React.JSX.Element | null {
  const heads = [
    trans.__('Job'),
    trans.__('State'),
    trans.__('Site'),
    trans.__('Host'),
    trans.__('Since'),
    trans.__('Memory'),
    trans.__('Starts'),
    trans.__('Reason')
  ];
  return workers.length === 0 ? null : (
    <section>
      <h3>{trans.__('Jobs of the workers')}</h3>
      <table>
        <thead>
          <tr>
            {heads.map(head => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {workers.map(worker => (
            <tr key={worker.id}>
              <th scope="row">{worker.id}</th>
              <td>{workerStateWord(worker.state, trans)}</td>
              <td>{worker.site}</td>
              <td>{worker.host}</td>
              <td>{exactTime(worker.since)}</td>
              <td>{memoryWords(worker, trans)}</td>
              <td>{worker.starts}</td>
              <td>{worker.reason && <Prose>{worker.reason}</Prose>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Log({
  log,
  trans
}: {
  readonly log: IReportLog;
  readonly trans: TranslationBundle;
}): React.JSX.Element {
  const { problem, start, text, worker } = log;
  const title =
    worker !== null
      ? trans.__('Log of job %1', worker)
      : start === null
        ? trans.__('Log of the scheduler')
        : trans.__('Log of start %1 of the scheduler', start);
  return (
    <details open={worker === null}>
      <summary>{title}</summary>
      <pre>{problem ?? (text === '' ? trans.__('It wrote nothing.') : text)}</pre>
    </details>
  );
}
