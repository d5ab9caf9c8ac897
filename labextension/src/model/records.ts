import type { EventMessage } from '../api';

type Snapshot = Extract<EventMessage, { type: 'snapshot' }>['data'];

/** What events and answers say of records of one kind, and what else happens when they come and go. */
export interface IRecordsOptions<Key, Value> {
  /** Those of a snapshot. */
  readonly all: (snapshot: Snapshot) => readonly Value[];

  /** The record that an event brings; null if it brings none of this kind. */
  readonly told: (message: EventMessage) => Value | null;

  /** The record that an event ends; null if it ends none of this kind. */
  readonly gone: (message: EventMessage) => Key | null;

  readonly key: (value: Value) => Key;

  /** Whether a record is older than the one that is known: answers and events may arrive out of order. */
  readonly isOlder: (value: Value, known: Value) => boolean;

  /** Whether a record stays although the server does not list it. */
  readonly stays?: (key: Key) => boolean;

  /** A record was taken, in place of the one that was known. */
  readonly learned?: (value: Value, known: Value | undefined) => void;

  readonly forgotten: (key: Key) => void;
}

/** The records of one kind as the server described them last. */
export class Records<Key, Value> {
  constructor(options: IRecordsOptions<Key, Value>) {
    this._options = options;
  }

  get(key: Key): Value | undefined {
    return this._known.get(key);
  }

  values(): Iterable<Value> {
    return this._known.values();
  }

  /** Take an event; returns whether it may have changed something. */
  take(message: EventMessage): boolean {
    switch (message.type) {
      case 'snapshot': {
        const all = this._options.all(message.data);
        if (message.data.health) {
          this._incoming = null;
          this.learnAll(all);
        } else {
          // The server has just been started. It sends the records one by one, and then the health.
          this._incoming = [...all];
        }
        return true;
      }
      case 'health':
        if (!this._incoming) {
          return false;
        }
        if (message.data.ok) {
          this.learnAll(this._incoming);
          this._incoming = null;
        }
        return true;
      default:
        return this._takeOne(message);
    }
  }

  /** Take a complete list. */
  learnAll(values: readonly Value[]): void {
    const listed = new Set(values.map(this._options.key));
    for (const key of [...this._known.keys()]) {
      if (!listed.has(key) && !this._options.stays?.(key)) {
        this.forget(key);
      }
    }
    values.forEach(value => {
      this.learn(value);
    });
  }

  learn(value: Value): void {
    const key = this._options.key(value);
    const known = this._known.get(key);
    if (known !== undefined && this._options.isOlder(value, known)) {
      return;
    }
    this._known.set(key, value);
    this._options.learned?.(value, known);
  }

  forget(key: Key): void {
    this._known.delete(key);
    this._options.forgotten(key);
  }

  private _takeOne(message: EventMessage): boolean {
    const told = this._options.told(message);
    if (told !== null) {
      this._incoming?.push(told);
      this.learn(told);
      return true;
    }
    const gone = this._options.gone(message);
    if (gone !== null) {
      this.forget(gone);
    }
    return gone !== null;
  }

  /** The records received so far on a connection that began without a complete list. */
  private _incoming: Value[] | null = null;
  private readonly _known = new Map<Key, Value>();
  private readonly _options: IRecordsOptions<Key, Value>;
}
