import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo, useRef } from 'react';

import { isLive, type WorkerJob } from '../api';
import { Head } from './head';
import { Logs } from './logs';
import type { DetailsModel } from './model';
import type { ClusterRecord } from './clusterrecord';
import { confirmRemoval } from './removeworker';
import type { IRowActions } from './row';
import { type IShareActions, ShareButtons } from './sharebuttons';
import { Timeline } from './timeline';
import { Trouble } from './trouble';
import { Why } from './why';
import { Workers } from './workers';

interface IProps {
  readonly model: DetailsModel;
  readonly share: IShareActions;
  /** The width of the content, in pixels. */
  readonly width: number;
  readonly trans: TranslationBundle;
}

/** All details of a cluster, one below the other. */
export function Page({ model, share, width, trans }: IProps): React.JSX.Element {
  const { gone, name, record, trouble } = model;
  return (
    <div className="jp-AfLab-page">
      <Trouble error={trouble} trans={trans} />
      {record ? (
        <Known
          key={record.entry.cluster.id}
          model={model}
          record={record}
          share={share}
          width={width}
          trans={trans}
        />
      ) : (
        <>
          <h2>{name}</h2>
          {gone ? (
            <p className="jp-AfLab-gone">
              {trans.__('No cluster has this name. If one is created, its details are shown here.')}
            </p>
          ) : (
            !trouble && <p className="jp-AfLab-asking">{trans.__('Loading…')}</p>
          )}
        </>
      )}
    </div>
  );
}

const NO_JOBS: readonly WorkerJob[] = [];

async function removeIfSure(
  record: ClusterRecord,
  worker: WorkerJob,
  trans: TranslationBundle
): Promise<void> {
  if (await confirmRemoval(worker, trans)) {
    await record.remove(worker.id);
  }
}

function Known({
  model,
  record,
  share,
  width,
  trans
}: IProps & { readonly record: ClusterRecord }): React.JSX.Element {
  const { gone, now, view } = model;
  const { entry, log, workers } = record;
  // The time line ends with the cluster, or where it was seen last.
  const end = gone ? 0 : entry.cluster.ended ? Date.parse(entry.cluster.ended) : now;
  const chooser = useRef<HTMLSelectElement>(null);
  const look = useMemo(() => model.look.bind(model), [model]);
  const jobs = workers.told ?? NO_JOBS;
  // It draws itself again when the log changes; each of the jobs is a choice in it.
  const logs = useMemo(
    () => <Logs log={log} workers={jobs} chooser={chooser} gone={gone} trans={trans} />,
    [log, jobs, gone, trans]
  );
  const actions = useMemo<IRowActions>(
    () => ({
      log: ({ id }) => {
        log.choose({ worker: id, start: null });
        chooser.current?.closest('section')?.scrollIntoView();
        chooser.current?.focus({ preventScroll: true });
      },
      release: ({ id }) => void record.release(id),
      remove: worker => void removeIfSure(record, worker, trans)
    }),
    [log, record, trans]
  );
  return (
    <>
      <Head entry={entry} gone={gone} now={now} trans={trans} />
      {!gone && <ShareButtons name={entry.cluster.name} actions={share} trans={trans} />}
      {!gone && entry.why && <Why told={entry.why} trans={trans} />}
      <Timeline
        points={record.points}
        trouble={record.timelineTrouble}
        now={end}
        width={width}
        trans={trans}
      />
      <Workers
        workers={workers.told}
        trouble={workers.trouble}
        problem={record.problem}
        busy={record.busy}
        live={!gone && isLive(entry.state)}
        now={now}
        view={view}
        look={look}
        actions={actions}
        trans={trans}
      />
      {logs}
    </>
  );
}
