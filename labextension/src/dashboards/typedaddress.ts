import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Plot } from '../api';
import { noPlots } from './words';

/** How long a dashboard may take to answer, in milliseconds. */
const TIMEOUT = 15_000;

/** The paths of Dask's plots, whatever prefix a dashboard believes to have. */
const PLOT = /(?:statics\/)?[\w-]+(?:\.html)?$/;

export interface IWhere {
  /** As the user typed it. */
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
      // Somebody else's page may send us anywhere.
      { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) },
      // The proxy passes all headers on, and the token is none of the dashboard's business.
      { ...settings, token: '' }
    );
    ({ status } = response);
    told = response.ok ? await response.json() : null;
  } catch {
    // What is said of a status says it all.
  }
  if (typeof told !== 'object' || told === null) {
    throw noPlots(url, status, trans);
  }
  return Object.entries(told).flatMap(([title, path]) => {
    const [plot] = PLOT.exec(String(path)) ?? [];
    return plot === undefined ? [] : [{ title, url: folder + plot }];
  });
}
