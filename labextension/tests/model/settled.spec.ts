import { PromiseDelegate } from '@lumino/coreutils';

import { Settled } from '../../src/model/settled';
import { settle } from '../support';

describe('Settled', () => {
  const sent: { value: number; done: PromiseDelegate<void> }[] = [];
  let saved: number;
  let number: Settled<number>;

  beforeEach(() => {
    jest.useFakeTimers();
    sent.length = 0;
    saved = 0;
    number = new Settled<number>({
      save: value => {
        const done = new PromiseDelegate<void>();
        sent.push({ value, done });
        return done.promise;
      },
      saved: () => {
        saved += 1;
      },
      settle: 150
    });
  });

  afterEach(() => {
    number.dispose();
    jest.useRealTimers();
  });

  const values = (): number[] => sent.map(({ value }) => value);

  const finish = async (index: number): Promise<void> => {
    sent[index]?.done.resolve();
    await settle();
  };

  it('sends the last of several numbers, once', async () => {
    for (const value of [3, 4, 5]) {
      number.set(value);
      jest.advanceTimersByTime(100);
    }
    expect(values()).toEqual([]);
    jest.advanceTimersByTime(50);
    expect(values()).toEqual([5]);
    expect(number.pending).toBe(5);
    await finish(0);
    expect(number.pending).toBeNull();
    expect(saved).toBe(1);
  });

  it('keeps a number that comes to rest during a request for after it', async () => {
    number.set(3);
    jest.advanceTimersByTime(150);
    number.set(4);
    jest.advanceTimersByTime(150);
    expect(values()).toEqual([3]);
    await finish(0);
    expect(values()).toEqual([3, 4]);
    expect(number.pending).toBe(4);
    await finish(1);
    expect(number.pending).toBeNull();
  });

  it('does not send a number that still moves when a request ends', async () => {
    number.set(3);
    jest.advanceTimersByTime(150);
    number.set(4);
    await finish(0);
    expect(values()).toEqual([3]);
    number.set(5);
    jest.advanceTimersByTime(150);
    expect(values()).toEqual([3, 5]);
  });

  it('sends nothing once it is disposed of', () => {
    number.set(3);
    number.dispose();
    jest.advanceTimersByTime(1000);
    expect(values()).toEqual([]);
    expect(number.pending).toBeNull();
  });
});
