import type { IStateDB } from '@jupyterlab/statedb';

const KEY = 'af-lab:welcomed';

/** Whether this has not been asked before in this workspace of JupyterLab. */
export async function isFirstStart(state: IStateDB): Promise<boolean> {
  if ((await state.fetch(KEY)) === true) {
    return false;
  }
  await state.save(KEY, true);
  return true;
}
