/** What browsers have and jsdom has not, and a warning on the console is a failure. */
Object.assign(navigator, { clipboard: {} });
Element.prototype.scrollIntoView = (): void => undefined;
AbortSignal.timeout = (): AbortSignal => new AbortController().signal;

const warnings: unknown[][] = [];

for (const level of ['error', 'warn'] as const) {
  console[level] = (...words: unknown[]): void => {
    warnings.push(words);
  };
}

afterEach(() => {
  expect(warnings.splice(0)).toEqual([]);
});
