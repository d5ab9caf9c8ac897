import { Told } from '../../src/news/told';

const DAY = 24 * 60 * 60_000;

it('knows what another tab of the same server has told', () => {
  const [one, other, stranger] = ['/a/', '/a/', '/b/'].map(url => new Told(url, localStorage));
  one?.note('workers 1: first', 1_000);
  expect(other?.since('workers 1: first', 999)).toBe(true);
  expect(other?.since('workers 1: first', 1_000)).toBe(false);
  expect(other?.since('workers 2: first', 0)).toBe(false);
  expect(stranger?.since('workers 1: first', 0)).toBe(false);
});

it('forgets after a day', () => {
  const told = new Told('/c/', localStorage);
  told.note('old', 1_000);
  told.note('new', 2_000 + DAY);
  expect(told.since('old', 0)).toBe(false);
  expect(told.since('new', 0)).toBe(true);
});

it('remembers by itself where the browser stores nothing', () => {
  const refuse = (): never => {
    throw new Error('The operation is insecure.');
  };
  const told = new Told('/', { getItem: refuse, setItem: refuse });
  told.note('held', 1_000);
  expect(told.since('held', 0)).toBe(true);
});
