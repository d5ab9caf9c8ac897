import type { IRunningSessions } from '@jupyterlab/running';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { callsLeft } from '../api';
import { runIcon } from '../shared/icons';
import { progressWords } from '../shared/progress';
import { CommandIDs, type IRunEntry, type IRuns } from '../tokens';
import { runWord } from './words';

/** The runs in the form of JupyterLab's list of running sessions. */
export function runningRuns(
  runs: IRuns,
  commands: CommandRegistry,
  trans: TranslationBundle
): IRunningSessions.IManager {
  const live = (): IRunEntry[] => runs.entries.filter(({ run }) => callsLeft(run) > 0);
  return {
    name: trans.__('HTCondor Runs'),
    running: () =>
      live().map(entry => {
        const { name, progress } = entry.run;
        return {
          context: name,
          icon: () => runIcon,
          label: () => name,
          labelTitle: () => progressWords(progress, 'calls', trans),
          detail: () => runWord(entry, trans),
          open: () => void commands.execute(CommandIDs.showRunLog, { name }),
          shutdown: () => void commands.execute(CommandIDs.cancelRun, { name })
        };
      }),
    refreshRunning: () => void runs.refresh(),
    runningChanged: runs.changed,
    shutdownAll: () => {
      live().forEach(({ run }) => void runs.cancel(run.name));
    },
    shutdownLabel: trans.__('Cancel'),
    shutdownAllLabel: trans.__('Cancel All'),
    shutdownAllConfirmationText: trans.__(
      'Cancel all of your runs? Results that are there stay; what is computed now is lost.'
    )
  };
}
