import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon } from '@jupyterlab/ui-components';

import { asApiError, type Fit, isLive, type NewCluster } from '../api';
import { NewClusterDialog } from '../newcluster/dialog';
import type { INewClusterModelOptions } from '../newcluster/model';
import { clusterIcon } from '../shared/icons';
import { explainRefusal } from '../shared/words';
import { CommandIDs, type IClusters, type IEntry, type IFacility } from '../tokens';
import { findCluster, NAME, READING } from './findcluster';
import { requestLike, variablesOf } from './likeness';
import { freeName } from './names';

export interface INewClusterCommandOptions {
  readonly app: JupyterFrontEnd;
  readonly clusters: IClusters;
  readonly facility: IFacility;
  readonly notebooks: INotebookTracker | null;
  readonly state: IStateDB | null;
  readonly trans: TranslationBundle;
}

/** The key under which the last choice in the dialog is stored. */
const LAST = 'af-lab:new-cluster';

/** Add the commands that open the dialog for a new cluster. */
export function addNewClusterCommands(options: INewClusterCommandOptions): void {
  const { app, clusters, facility, notebooks, state, trans } = options;
  const { commands } = app;

  commands.addCommand(CommandIDs.newCluster, {
    label: args => (args.isMenu ? trans.__('Dask Cluster…') : trans.__('New Dask Cluster…')),
    caption: trans.__('Start Dask workers on HTCondor'),
    icon: args => (args.isPalette ? undefined : args.isLauncher ? clusterIcon : addIcon),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => {
      const last = ((await state?.fetch(LAST)) ?? {}) as Partial<NewCluster>;
      return launch(options, {
        kernel: notebooks?.currentWidget?.sessionContext.session?.kernel?.name ?? null,
        directory: folderOf(notebooks?.currentWidget?.context.path),
        suggestion: { ...last, name: freeName(clusters.entries) }
      });
    }
  });

  commands.addCommand(CommandIDs.copyCluster, {
    label: args => (args.isCard ? trans.__('Copy…') : trans.__('Copy a Dask Cluster…')),
    caption: trans.__('Create another cluster with the same values'),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const wanted = { args, title: trans.__('Copy'), fits: (): boolean => true };
      const entry = await findCluster(clusters, wanted, trans);
      return entry && launch(options, likeAnother(entry, clusters, null));
    }
  });

  commands.addCommand(CommandIDs.askForWhatFits, {
    label: args =>
      args.isCard ? trans.__('Ask for what fits…') : trans.__('Ask for a Dask Cluster That Fits…'),
    caption: trans.__('Create another cluster whose jobs a slot of the pool can run'),
    describedBy: { args: { type: 'object', properties: NAME } },
    execute: async args => {
      const wanted = { args, title: trans.__('Ask for what fits'), fits: isLive };
      const entry = await findCluster(clusters, wanted, trans);
      const fit = entry && (await whatFits(entry, facility, trans));
      return fit && launch(options, likeAnother(entry, clusters, fit));
    }
  });
}

type Start = Omit<INewClusterModelOptions, 'facility' | 'trans'>;

/** Open the dialog. Returns the name of the cluster that was created; null if the user cancelled. */
async function launch(
  { clusters, facility, state, trans }: INewClusterCommandOptions,
  start: Start
): Promise<string | null> {
  let created: string | null = null;
  const dialog = new NewClusterDialog({
    create: async request => {
      const cluster = await clusters.create(request);
      await state?.save(LAST, { ...request });
      created = cluster.name;
      return cluster;
    },
    facility,
    ...start,
    trans
  });
  await dialog.launch();
  return created;
}

/** What the dialog begins with for a cluster like another one. */
function likeAnother({ cluster }: IEntry, clusters: IClusters, fits: Fit | null): Start {
  const { directory = '', ...request } = requestLike(cluster);
  const { name } = cluster;
  return {
    kernel: null,
    directory,
    suggestion: { ...request, name: freeName(clusters.entries, name) },
    origin: { name, variables: variablesOf(cluster), fits }
  };
}

/** What a cluster could request instead. Notifies the user if there is nothing, and returns null. */
async function whatFits(
  { cluster }: IEntry,
  facility: IFacility,
  trans: TranslationBundle
): Promise<Fit | null> {
  try {
    const { ever, fits, never } = await facility.match(requestLike(cluster));
    if (ever > 0) {
      Notification.info(
        trans.__(
          'The pool has slots that can run jobs with the values of %1. Its details say why they wait.',
          cluster.name
        ),
        { autoClose: READING }
      );
    } else if (!fits) {
      Notification.warning([trans.__('To ask for less does not help.'), ...never].join(' '));
    }
    return fits;
  } catch (error) {
    Notification.error(explainRefusal(asApiError(error), trans));
    return null;
  }
}

/** A notebook's folder below the root of Jupyter's files; the root itself if that is not known. */
function folderOf(path = ''): string {
  // A drive, as of jupyter-collaboration, comes before the path.
  return PathExt.dirname(path.replace(/^[A-Za-z]+:/, ''));
}
