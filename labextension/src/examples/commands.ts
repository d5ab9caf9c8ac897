import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { notebookIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { asApiError } from '../api';
import { CommandIDs, type IFacility } from '../tokens';
import { explainRefusal } from '../shared/words';

export interface IExampleCommandOptions {
  readonly commands: CommandRegistry;
  /** The name of the drive that the default file browser shows; empty for that of the server itself. */
  readonly drive: string;
  readonly facility: IFacility;
  readonly trans: TranslationBundle;
}

/** Add the command that opens an example as a copy of the user's own. */
export function addExampleCommands({
  commands,
  drive,
  facility,
  trans
}: IExampleCommandOptions): void {
  commands.addCommand(CommandIDs.openExample, {
    label: trans.__('Open an Example Analysis…'),
    caption: trans.__('Copy an example into your folder, unless it is there, and open it'),
    icon: args => (args.isPalette ? undefined : notebookIcon),
    describedBy: {
      args: {
        type: 'object',
        properties: { id: { type: 'string', description: 'The id of the example' } }
      }
    },
    execute: async args => {
      const id = typeof args.id === 'string' ? args.id : await chooseExample(facility, trans);
      if (id === null) {
        return;
      }
      try {
        const path = await facility.openExample(id);
        await commands.execute('docmanager:open', { path: onDrive(drive, path) });
      } catch (error) {
        Notification.error(
          trans.__('The example was not opened. %1', explainRefusal(asApiError(error), trans))
        );
      }
    }
  });
}

/**
 * A path of the server as JupyterLab opens it.
 *
 * jupyter-collaboration shows the files in a drive of its own; a notebook that is opened outside it is not shared.
 */
function onDrive(drive: string, path: string): string {
  return drive === '' ? path : `${drive}:${path}`;
}

async function chooseExample(
  facility: IFacility,
  trans: TranslationBundle
): Promise<string | null> {
  await facility.loadExamples();
  const examples = facility.examples ?? [];
  if (examples.length === 0) {
    const trouble = facility.examplesTrouble;
    Notification.error(
      trouble ? explainRefusal(trouble, trans) : trans.__('There are no examples.')
    );
    return null;
  }
  const titles = examples.map(({ title, framework }) => `${title} (${framework})`);
  const { value } = await InputDialog.getItem({
    title: trans.__('Open an example'),
    items: titles,
    label: trans.__('Example')
  });
  return examples[titles.indexOf(value ?? '')]?.id ?? null;
}
