import type { EventMessage } from '../../src/api';
import { Records } from '../../src/model/records';

interface IRecord {
  readonly name: string;
  readonly age: number;
}

describe('records', () => {
  const forgotten = jest.fn<undefined, [string]>();
  let staying = '';
  let records: Records<string, IRecord>;

  // Any kind of event may bring them.
  const bring = (value: IRecord): EventMessage => ({ type: 'run', data: value }) as never;
  const end = (id: string): EventMessage => ({ type: 'run-gone', id }) as never;
  const snapshot = (runs: IRecord[], health: object | null): EventMessage =>
    ({ type: 'snapshot', data: { runs, health } }) as never;
  const health = (ok: boolean): EventMessage => ({ type: 'health', data: { ok } }) as never;
  const names = (): string[] => [...records.values()].map(({ name }) => name).sort();

  beforeEach(() => {
    forgotten.mockClear();
    staying = '';
    records = new Records<string, IRecord>({
      all: ({ runs }) => runs as unknown as IRecord[],
      told: message => (message.type === 'run' ? (message.data as unknown as IRecord) : null),
      gone: message => (message.type === 'run-gone' ? message.id : null),
      key: ({ name }) => name,
      isOlder: (value, known) => value.age < known.age,
      stays: name => name === staying,
      forgotten
    });
    records.take(snapshot([{ name: 'a', age: 1 }], {}));
  });

  it('keeps the newest of each', () => {
    records.take(bring({ name: 'a', age: 3 }));
    records.take(bring({ name: 'a', age: 2 }));
    expect(records.get('a')?.age).toBe(3);
  });

  it('forgets what a complete list does not have, unless it stays', () => {
    records.take(bring({ name: 'b', age: 1 }));
    staying = 'b';
    records.take(snapshot([], {}));
    expect(names()).toEqual(['b']);
    expect(forgotten.mock.calls).toEqual([['a']]);
    records.take(end('b'));
    expect(names()).toEqual([]);
  });

  it('keeps what it knows until a server that was just started has told all', () => {
    records.take(snapshot([], null));
    records.take(bring({ name: 'b', age: 1 }));
    expect(names()).toEqual(['a', 'b']);
    records.take(health(false));
    expect(names()).toEqual(['a', 'b']);
    records.take(health(true));
    expect(names()).toEqual(['b']);
    expect(records.take(health(true))).toBe(false);
  });

  it('leaves events of other kinds alone', () => {
    expect(records.take({ type: 'explanation', id: 1, data: null } as never)).toBe(false);
    expect(names()).toEqual(['a']);
  });
});
