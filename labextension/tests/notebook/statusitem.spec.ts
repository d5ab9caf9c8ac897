import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { IKernelClient } from '../../src/notebook/client';
import { ClientStatus } from '../../src/notebook/statusitem';
import type { IEntry } from '../../src/tokens';
import { entry, find, until } from '../support';

const LOCAL = {
  cluster: null,
  dashboard: 'http://127.0.0.1:8787/status',
  address: 'tcp://127.0.0.1:8786'
};

describe('ClientStatus', () => {
  const model = {
    changed: new Signal<never, void>({} as never),
    client: null as IKernelClient | null,
    entry: null as IEntry | null
  };
  const open = jest.fn<unknown, []>();
  let item: ClientStatus;

  beforeEach(() => {
    Object.assign(model, { client: null, entry: null });
    item = new ClientStatus({ model, open, trans: nullTranslator.load('af_lab') });
    Widget.attach(item, document.body);
  });

  afterEach(() => {
    item.dispose();
  });

  const says = async (parts: Partial<typeof model>, text: string): Promise<void> => {
    Object.assign(model, parts);
    model.changed.emit();
    await until(text, () => item.node.textContent === text);
  };

  it('tells the workers of the cluster', async () => {
    const client = { ...LOCAL, cluster: 'dimuon', dashboard: null };
    const counts = { connected: 12, waiting: 8 };
    await says({ client, entry: entry({ workers: 20, counts }) }, 'dimuon: 12 of 20 workers');
    expect(find('button').title).toContain('12 of 20 workers connected, 8 waiting');
    await says({ entry: entry({ workers: 1 }) }, 'dimuon: 0 of 1 worker');
    await says({ entry: null }, 'dimuon');
    find('button').click();
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('tells how far the tasks of the cluster are', async () => {
    const client = { ...LOCAL, cluster: 'dimuon', dashboard: null };
    const progress = {
      done: 310,
      total: 500,
      running: 12,
      erred: 0,
      rate: 10,
      remaining: 18
    };
    const counts = { connected: 12 };
    await says(
      { client, entry: entry({ workers: 12, counts, progress }) },
      'dimuon: 12 of 12 workers · 62 %, 20 s left'
    );
    expect(find('button').title).toMatch(
      /^310 of 500 tasks done, 12 run, 178 wait, 20 s left, 10\/s\n/
    );
  });

  it('tells of another client, and nothing when there is none', async () => {
    await says({ client: LOCAL }, 'Dask: 127.0.0.1:8787');
    await says({ client: { ...LOCAL, dashboard: null } }, 'Dask: 127.0.0.1:8786');
    await says({ client: null }, '');
    expect(item.node.querySelector('button')).toBeNull();
  });
});
