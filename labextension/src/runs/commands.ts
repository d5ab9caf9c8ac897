import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { callsLeft, type Run } from '../api';
import { CommandIDs, type IRuns } from '../tokens';
import { findRun, RUN } from './findrun';
import { RunLogView } from './log';
import { cancelWords, removeWords } from './words';

export interface IRunCommandOptions {
  readonly commands: CommandRegistry;
  readonly runs: IRuns;
  readonly trans: TranslationBundle;
}

/** Add the commands that cancel, repeat and remove runs, and show their logs. */
export function addRunCommands({ commands, runs, trans }: IRunCommandOptions): void {
  const describedBy = { args: { type: 'object', properties: RUN } };

  commands.addCommand(CommandIDs.cancelRun, {
    label: trans.__('Cancel a Run…'),
    caption: trans.__('Remove the jobs of a run; the results that it has stay'),
    describedBy,
    execute: async args => {
      const title = trans.__('Cancel');
      const run = await findRun(runs, { args, title, fits: run => callsLeft(run) > 0 }, trans);
      const question = run && {
        title: trans.__('Cancel run %1?', run.name),
        body: cancelWords(run, trans),
        refuse: trans.__('Let it run'),
        accept: trans.__('Cancel it')
      };
      if (question && (await isConfirmed(question))) {
        await runs.cancel(run.name);
      }
    }
  });

  commands.addCommand(CommandIDs.runAgain, {
    label: trans.__('Repeat What Failed of a Run…'),
    caption: trans.__('Run the calls again that failed or were cancelled'),
    describedBy,
    execute: async args => {
      const title = trans.__('Run again');
      const run = await findRun(runs, { args, title, fits: hasFailed }, trans);
      if (run) {
        await runs.again(run.name);
      }
    }
  });

  commands.addCommand(CommandIDs.removeRun, {
    label: trans.__('Remove a Run…'),
    caption: trans.__('Remove a run with its jobs and results'),
    describedBy,
    execute: async args => {
      const run = await findRun(runs, { args, title: trans.__('Remove'), fits: isAny }, trans);
      const question = run && {
        title: trans.__('Remove run %1?', run.name),
        body: removeWords(run, trans),
        refuse: trans.__('Keep it'),
        accept: trans.__('Remove it')
      };
      if (question && (await isConfirmed(question))) {
        await runs.remove(run.name);
      }
    }
  });

  commands.addCommand(CommandIDs.showRunLog, {
    label: trans.__('Show the Log of a Run…'),
    caption: trans.__('Show the tasks of a run that failed, and their logs'),
    describedBy,
    execute: async args => {
      const run = await findRun(runs, { args, title: trans.__('Log'), fits: isAny }, trans);
      if (run) {
        const dialog = new Dialog({
          title: trans.__('Log of run %1', run.name),
          body: new RunLogView(runs, run.name, trans),
          buttons: [Dialog.okButton({ label: trans.__('Close') })]
        });
        dialog.addClass('jp-AfLab-logDialog');
        await dialog.launch();
      }
    }
  });
}

function hasFailed({ progress }: Run): boolean {
  return progress.erred > 0;
}

function isAny(): boolean {
  return true;
}

interface IQuestion {
  readonly title: string;
  readonly body: string;
  readonly refuse: string;
  readonly accept: string;
}

async function isConfirmed({ title, body, refuse, accept }: IQuestion): Promise<boolean> {
  const { button } = await showDialog({
    title,
    body,
    buttons: [Dialog.cancelButton({ label: refuse }), Dialog.warnButton({ label: accept })]
  });
  return button.accept;
}
