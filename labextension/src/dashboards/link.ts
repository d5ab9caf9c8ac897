import type { Source } from '../tokens';
import { locate } from './address';

/**
 * The address of a dashboard, to be pasted into a browser of the same session or into dask-labextension; null if the
 * dashboard is not below the Jupyter server.
 *
 * @param source - Whose dashboard it is.
 * @param baseUrl - The base URL of the Jupyter server.
 */
export function linkTo(source: Source, baseUrl: string): string | null {
  const base = new URL(baseUrl, window.location.href).href;
  if (source.kind === 'cluster') {
    return `${base}af-lab/api/clusters/${encodeURIComponent(source.name)}/dashboard/status`;
  }
  const located = locate(source.url, baseUrl);
  return located.kind === 'folder' ? `${base}${located.folder}status` : null;
}
