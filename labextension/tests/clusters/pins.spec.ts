import { Notification } from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import { requestLike } from '../../src/clusters/likeness';
import { Pins } from '../../src/clusters/pins';
import { cluster, entry } from '../support';
import { special, trans } from './support';

/** Settings that keep what is set. */
class KeptSettings {
  readonly changed = new Signal<this, void>(this);
  composite: Record<string, unknown> = { initialClusters: [{ name: 'always', workers: 1 }] };

  set(key: string, value: unknown): Promise<void> {
    this.composite = { ...this.composite, [key]: value };
    this.changed.emit();
    return Promise.resolve();
  }
}

describe('pinned clusters', () => {
  let settings: KeptSettings;
  let pins: Pins;
  let changes: number;

  beforeEach(() => {
    settings = new KeptSettings();
    pins = new Pins();
    changes = 0;
    pins.changed.connect(() => {
      changes += 1;
    });
    pins.use(settings as unknown as ISettingRegistry.ISettings);
  });

  afterEach(() => {
    Notification.dismiss();
  });

  it('are those of the settings', () => {
    expect(new Pins().isPinned('always')).toBe(false);
    expect(pins.isPinned('always')).toBe(true);
    expect(changes).toBe(1);
  });

  it('are added with all that they are, and removed, beside the others', async () => {
    await pins.toggle(entry(), trans);
    expect(settings.composite.initialClusters).toEqual([
      { name: 'always', workers: 1 },
      requestLike(cluster())
    ]);
    expect([pins.isPinned('dimuon'), changes]).toEqual([true, 2]);
    await pins.toggle(entry(), trans);
    expect(settings.composite.initialClusters).toEqual([{ name: 'always', workers: 1 }]);
    expect(pins.isPinned('dimuon')).toBe(false);
  });

  it('have no values of variables, and say so', async () => {
    await pins.toggle(entry(special({ variables: { TOKEN: '' } })), trans);
    expect(JSON.stringify(settings.composite)).not.toContain('TOKEN');
    expect(Notification.manager.notifications.map(({ message }) => message)).toEqual([
      'dimuon comes up with JupyterLab from now on, if it does not run then. Its environment variables (TOKEN) are not kept.'
    ]);
  });
});
