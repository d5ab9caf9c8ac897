import { StateDB } from '@jupyterlab/statedb';

import { rememberClusters } from '../../src/clusters/hadclusters';
import { entry, SetClusters, until } from '../support';

describe('rememberClusters', () => {
  it('remembers the first cluster, also when JupyterLab is loaded again', async () => {
    const state = new StateDB();
    const clusters = new SetClusters();
    const hadSome = rememberClusters(clusters, state);
    clusters.set({ entries: [] });
    expect(hadSome()).toBe(false);
    clusters.set({ entries: [entry()] });
    clusters.set({ entries: [] });
    expect(hadSome()).toBe(true);

    const later = rememberClusters(new SetClusters(), state);
    await until('what was kept', () => later());
  });
});
