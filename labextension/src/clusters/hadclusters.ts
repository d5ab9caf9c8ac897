import type { IStateDB } from '@jupyterlab/statedb';

import type { IClusters } from '../tokens';

const KEY = 'af-lab:had-clusters';

/** Return what says whether there ever was a cluster in this workspace of JupyterLab. */
export function rememberClusters(clusters: IClusters, state: IStateDB | null): () => boolean {
  let hadSome = false;
  void state?.fetch(KEY).then(kept => {
    hadSome ||= kept === true;
  });
  clusters.changed.connect(() => {
    if (!hadSome && clusters.entries.length > 0) {
      hadSome = true;
      void state?.save(KEY, true);
    }
  });
  return () => hadSome;
}
