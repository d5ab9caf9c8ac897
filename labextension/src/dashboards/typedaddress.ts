import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Plot } from '../api';
import { noPlots } from './words';

/** How long a dashboard may take to answer, in milliseconds. */
const TIMEOUT = 15_000;

/** The paths of Dask's plots, whatever prefix the dashboard is configured with. */
const PLOT = /(?:statics\/)?[\w-]+(?:\.html)?$/;

export interface IWhere {
  /** As the user entered it. */
  readonly url: string;
  /** Below the server's base URL, with a slash at its end. */
  readonly folder: string;
}

/** Ask a dashboard for its plots, through the Jupyter server. Rejects with an `ApiError`. */
export async function askForPlots(
  { url, folder }: IWhere,
  settings: ServerConnection.ISettings,
  trans: TranslationBundle
): Promise<readonly Plot[]> {
  let status: number | null = null;
  let told: unknown = null;
  try {
    const response = await ServerConnection.makeRequest(
      `${settings.baseUrl}${folder}individual-plots.json`,
      // A foreign page could redirect to any address.
      { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) },
      // The proxy forwards all headers, and the dashboard must not receive the token.
      { ...settings, token: '' }
    );
    ({ status } = response);
    told = response.ok ? await response.json() : null;
  } catch {
    // The status is enough for the message.
  }
  if (typeof told !== 'object' || told === null) {
    throw noPlots(url, status, trans);
  }
  return Object.entries(told).flatMap(([title, path]) => {
    const [plot] = PLOT.exec(String(path)) ?? [];
    return plot === undefined ? [] : [{ title, url: folder + plot }];
  });
}
