import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Plot } from '../api';
import type { IDashboards } from '../tokens';
import { plotOf } from './plots';

/** How long to wait until a dashboard lists its plots, in milliseconds. */
const PATIENCE = 15_000;

/** Lets the user choose a plot of the dashboard; null if the user cancels. */
export async function choosePlot(
  dashboards: IDashboards,
  trans: TranslationBundle
): Promise<string | null> {
  const plots = await loaded(dashboards);
  const label =
    plots.length > 0
      ? trans.__('Plot')
      : dashboards.source
        ? trans.__('The dashboard does not answer')
        : trans.__('No cluster is chosen in the panel');
  const { value } = await InputDialog.getItem({
    title: trans.__('Show a Dask plot'),
    items: plots.map(({ title }) => title),
    label
  });
  const found = plots.find(({ title }) => title === value);
  return found ? plotOf(found.url) : null;
}

/** The plots of the dashboard, once they are loaded; empty if they are not loaded in time. */
async function loaded(dashboards: IDashboards): Promise<readonly Plot[]> {
  const isKnown = (): boolean =>
    dashboards.plots !== null || dashboards.trouble !== null || dashboards.source === null;
  if (!isKnown()) {
    await new Promise<void>(resolve => {
      const end = (): void => {
        clearTimeout(timer);
        dashboards.changed.disconnect(look);
        resolve();
      };
      const look = (): void => {
        if (isKnown()) {
          end();
        }
      };
      const timer = setTimeout(end, PATIENCE);
      dashboards.changed.connect(look);
    });
  }
  return dashboards.plots ?? [];
}
