import type { IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';

import type { ActiveNotebook } from './activeclient';

/** An open notebook or console that uses a cluster. */
export interface IPlace {
  readonly cluster: string;
  readonly panel: Widget;
}

/** The open notebooks and consoles of which the cluster is known. */
export function placesOf(
  clients: ActiveNotebook,
  notebooks: INotebookTracker | null,
  consoles: IConsoleTracker | null
): IPlace[] {
  const places: IPlace[] = [];
  for (const tracker of [notebooks, consoles]) {
    tracker?.forEach(panel => {
      const kernel = panel.sessionContext.session?.kernel ?? null;
      const cluster = clients.clientOf(kernel)?.cluster;
      if (typeof cluster === 'string') {
        places.push({ cluster, panel });
      }
    });
  }
  return places;
}
