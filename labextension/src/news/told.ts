/** The key of the news that were told, in the browser's storage, which all tabs of the server share. */
const KEY = 'af-lab:told:';

/** How long news are remembered, in milliseconds. */
const MEMORY = 24 * 60 * 60_000;

/** Which news were told to the user, in this tab or in another one. */
export class Told {
  /**
   * @param baseUrl - Of the server: several may share an origin, as behind JupyterHub.
   * @param storage - Of the browser; it may refuse to work.
   */
  constructor(baseUrl: string, storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this._key = `${KEY}${baseUrl}`;
    this._storage = storage;
  }

  /** Whether these news were told after a moment, in milliseconds since 1970. */
  since(id: string, moment: number): boolean {
    const when = this._read()[id];
    return when !== undefined && when > moment;
  }

  note(id: string, now: number): void {
    const fresh = Object.entries(this._read()).filter(([, when]) => when > now - MEMORY);
    this._here = Object.fromEntries([...fresh, [id, now]]);
    try {
      this._storage.setItem(this._key, JSON.stringify(this._here));
    } catch {
      // The storage is full or forbidden: then only this tab knows.
    }
  }

  private _read(): Readonly<Record<string, number>> {
    try {
      const text = this._storage.getItem(this._key);
      return text === null ? this._here : (JSON.parse(text) as Record<string, number>);
    } catch {
      return this._here;
    }
  }

  private _here: Readonly<Record<string, number>> = {};
  private readonly _key: string;
  private readonly _storage: Pick<Storage, 'getItem' | 'setItem'>;
}
