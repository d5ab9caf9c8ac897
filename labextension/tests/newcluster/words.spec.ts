import { nullTranslator } from '@jupyterlab/translation';

import { idleWords } from '../../src/newcluster/words';
import { losses } from '../../src/clusters/losses';
import { bytesOf, roughSize, sizeText } from '../../src/shared/size';
import { cluster } from '../support';

const trans = nullTranslator.load('af_lab');

describe('bytesOf', () => {
  it.each([
    ['2 GB', 2e9],
    ['500 MiB', 500 * 2 ** 20],
    [' 1.5gib ', 1.5 * 2 ** 30],
    ['2.', 2],
    ['4k', 4000],
    ['Ti', 2 ** 40],
    ['7 B', 7]
  ])('reads “%s”', (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  it.each(['', ' ', 'B', 'GB 2', '-1 GB', '1e9', '1,5 GB', '2 GBit', '12345678901234567'])(
    'does not read “%s”',
    text => {
      expect(bytesOf(text)).toBeNull();
    }
  );
});

describe('sizeText', () => {
  it.each([
    [2e9, '2 GB'],
    [2.5e9, '2.5 GB'],
    [2 ** 31, '2 GiB'],
    [128 * 2 ** 20, '128 MiB'],
    [2_000_000_001, '2000000001 B'],
    [5, '5 B']
  ])('writes %d as “%s”', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
    expect(bytesOf(text)).toBe(bytes);
  });
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_234_567_890, '1.23 GB']
])('roughSize of %d is “%s”', (bytes, text) => {
  expect(roughSize(bytes)).toBe(text);
});

it.each([
  [90, '1 min 30 s'],
  [900, '15 min'],
  [7200, '2 h'],
  [86_400, '1 d'],
  [null, 'never']
])('idleWords of %s is “%s”', (seconds, text) => {
  expect(idleWords(seconds, trans)).toBe(text);
});

describe('losses', () => {
  it('says what the workers compute and keep', () => {
    const parts = { counts: { connected: 3 }, kept_results: 12, kept_bytes: 1.2e9 };
    expect(losses(cluster(parts), trans)).toBe(
      'Its jobs are removed from the HTCondor queue. 3 workers are connected: what they compute now is lost. ' +
        '12 results are kept in memory (1.2 GB), and are lost too. Files that were written stay.'
    );
  });

  it('says that nothing is kept', () => {
    expect(losses(cluster({ counts: { connected: 1 } }), trans)).toContain(
      'what it computes now is lost. No results are kept in memory.'
    );
  });

  it('says that there is nobody to lose anything', () => {
    expect(losses(cluster(), trans)).toMatch(/no results are lost\.$/);
  });
});
