import type { Dashboard } from './dashboard';
import type { IDashboardUse } from '../tokens';

interface IShared {
  readonly dashboard: Dashboard;
  users: number;
}

/** Dashboards that several use: each is made by its first user, and disposed of with its last. */
export class SharedUse {
  use(key: string, make: () => Dashboard): IDashboardUse {
    const shared = this._shared.get(key) ?? { dashboard: make(), users: 0 };
    this._shared.set(key, shared);
    shared.users += 1;
    let isDisposed = false;
    return {
      dashboard: shared.dashboard,
      get isDisposed() {
        return isDisposed;
      },
      dispose: () => {
        if (isDisposed) {
          return;
        }
        isDisposed = true;
        shared.users -= 1;
        if (shared.users === 0) {
          this._shared.delete(key);
          shared.dashboard.dispose();
        }
      }
    };
  }

  private readonly _shared = new Map<string, IShared>();
}
