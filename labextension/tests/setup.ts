/** Without a layout, nothing is ever near the visible part of a page. */
class NothingIntersects {
  observe(): void {
    // There is nothing to report.
  }
  disconnect(): void {
    // There is nothing to end.
  }
}

/** What browsers have and jsdom has not, and a warning on the console is a failure. */
Object.assign(navigator, { clipboard: {} });
Element.prototype.scrollIntoView = (): void => undefined;
Object.assign(globalThis, { IntersectionObserver: NothingIntersects });
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
