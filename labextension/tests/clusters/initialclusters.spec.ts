import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { ApiError } from '../../src/api';
import { makeMissing } from '../../src/clusters/initialclusters';
import { cluster, entry, SetClusters } from '../support';

const trans = nullTranslator.load('af_lab');

describe('the clusters at the start', () => {
  let clusters: SetClusters;

  beforeEach(() => {
    clusters = new SetClusters();
    clusters.create.mockResolvedValue(cluster());
  });

  afterEach(() => {
    Notification.dismiss();
  });

  it('asks for nothing when none is wanted', async () => {
    await makeMissing(clusters, [], trans);
    expect(clusters.refresh).not.toHaveBeenCalled();
  });

  it('are made unless they are there', async () => {
    clusters.refresh.mockImplementation(() => {
      clusters.entries = [entry({ name: 'a' }), entry({ name: 'b', id: 2, state: 'ended' })];
      return Promise.resolve();
    });
    await makeMissing(clusters, [{ name: 'a' }, { name: 'b', workers: 3 }], trans);
    expect(clusters.create.mock.calls).toEqual([[{ name: 'b', workers: 3 }]]);
  });

  it('tells which was not made, and makes the others', async () => {
    clusters.create.mockRejectedValueOnce(new ApiError('Too many workers.'));
    await makeMissing(clusters, [{ name: 'a', workers: 1e6 }, { name: 'b' }], trans);
    expect(clusters.create).toHaveBeenCalledTimes(2);
    expect(Notification.manager.notifications.map(({ message }) => message)).toEqual([
      'The cluster a was not created. Too many workers.'
    ]);
  });
});
