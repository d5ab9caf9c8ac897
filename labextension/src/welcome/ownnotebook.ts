import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import { insertCell } from '../notebook/insertcode';

/**
 * Open a new notebook that begins with some code.
 *
 * @param folder - The folder for it, as the file browser names it.
 */
export async function openNotebook(
  app: JupyterFrontEnd,
  tracker: INotebookTracker | null,
  folder: string,
  code: string
): Promise<void> {
  const { specs } = app.serviceManager.kernelspecs;
  const panel = (await app.commands.execute('notebook:create-new', {
    cwd: folder,
    // Otherwise JupyterLab asks which.
    ...(specs && { kernelName: specs.default })
  })) as NotebookPanel | undefined;
  if (!panel) {
    return;
  }
  await Promise.all([panel.revealed, panel.context.ready]);
  insertCell(tracker, code, id => {
    app.shell.activateById(id);
  });
}
