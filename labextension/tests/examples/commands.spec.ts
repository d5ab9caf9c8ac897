import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { addExampleCommands } from '../../src/examples/commands';
import { CommandIDs } from '../../src/tokens';
import { SetFacility } from '../support';

describe('the command for examples', () => {
  it.each([
    ['from the server itself', '', 'adl-rdf.ipynb'],
    ['from the shared drive of jupyter-collaboration', 'RTC', 'RTC:adl-rdf.ipynb']
  ])('opens the copy %s', async (_, drive, path) => {
    const commands = new CommandRegistry();
    const open = jest.fn();
    commands.addCommand('docmanager:open', { describedBy: { args: {} }, execute: open });
    const trans = nullTranslator.load('af_lab');
    addExampleCommands({ commands, drive, facility: new SetFacility(), trans });
    await commands.execute(CommandIDs.openExample, { id: 'adl-rdf' });
    expect(open).toHaveBeenCalledWith({ path });
  });
});
