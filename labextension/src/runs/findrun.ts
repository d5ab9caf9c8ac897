import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Run } from '../api';
import { READING } from '../clusters/findcluster';
import { explain } from '../shared/words';
import type { IRunEntry, IRuns } from '../tokens';

/** The argument of all commands that concern a run. */
export const RUN = { name: { type: 'string', description: 'The name of the run' } } as const;

/** What a command looks for. */
export interface IWantedRun {
  /** The arguments of the command; without a `name`, the user chooses. */
  readonly args: ReadonlyPartialJSONObject;
  /** The action, as the title of the choice. */
  readonly title: string;
  /** Whether the action is possible for a run. */
  readonly fits: (run: Run) => boolean;
}

/** The run that the arguments name, or the user chooses. If none fits, notifies the user and returns null. */
export async function findRun(
  runs: IRuns,
  { args, title, fits }: IWantedRun,
  trans: TranslationBundle
): Promise<Run | null> {
  const { name } = args;
  const candidates = (): IRunEntry[] =>
    runs.entries.filter(({ run }) => fits(run) && (name === undefined || name === run.name));
  if (name === undefined || candidates().length === 0) {
    // The list may be empty or old while the panel is hidden.
    await runs.refresh();
    if (runs.trouble) {
      const { title: what, text } = explain(runs.trouble, trans);
      Notification.error(`${what}. ${text}`);
      return null;
    }
  }
  const [first, ...others] = candidates().map(({ run }) => run);
  if (!first) {
    Notification.info(trans.__('No run is available for this.'), { autoClose: READING });
    return null;
  }
  if (others.length === 0) {
    return first;
  }
  const found = [first, ...others];
  const items = found.map(run => run.name);
  const { value } = await InputDialog.getItem({ title, items, label: trans.__('Run') });
  return found.find(run => run.name === value) ?? null;
}
