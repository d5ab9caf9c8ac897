import { nullTranslator } from '@jupyterlab/translation';

import { barrierIn, blockedWords } from '../../src/dashboards/blocked';

const trans = nullTranslator.load('af_lab');
const ORIGIN = 'https://hub.example.org';

const csp = (policy: string): Headers => new Headers({ 'Content-Security-Policy': policy });

describe('barrierIn', () => {
  it.each([
    "frame-ancestors 'self'",
    "default-src 'none'; FRAME-ANCESTORS https://portal.example.org 'self'; report-uri /x",
    'frame-ancestors *',
    'frame-ancestors https:',
    'frame-ancestors https://hub.example.org/',
    'frame-ancestors hub.example.org',
    'frame-ancestors https://*.example.org',
    "script-src 'self'",
    ''
  ])('finds none in “%s”', policy => {
    expect(barrierIn(csp(policy), ORIGIN)).toBeNull();
  });

  it.each([
    ['frame-ancestors https://portal.example.org', 'https://portal.example.org'],
    ["frame-ancestors 'none'", "'none'"],
    ['frame-ancestors', ''],
    ["frame-ancestors 'self', frame-ancestors https://portal", 'https://portal'],
    ['frame-ancestors https://hub.example.org.evil', 'https://hub.example.org.evil']
  ])('finds that of “%s”', (policy, sources) => {
    expect(barrierIn(csp(policy), ORIGIN)).toEqual({ header: 'Content-Security-Policy', sources });
  });

  it('finds the older header, unless the newer one allows the page', () => {
    const headers = new Headers({ 'X-Frame-Options': 'DENY' });
    expect(barrierIn(headers, ORIGIN)).toEqual({ header: 'X-Frame-Options', value: 'DENY' });
    headers.set('Content-Security-Policy', "frame-ancestors 'self'");
    expect(barrierIn(headers, ORIGIN)).toBeNull();
    expect(barrierIn(new Headers({ 'X-Frame-Options': 'SAMEORIGIN' }), ORIGIN)).toBeNull();
  });
});

describe('blockedWords', () => {
  it.each([
    ["'none'", `"frame-ancestors 'self'"`],
    ['https://portal', `"frame-ancestors 'self' https://portal"`]
  ])('name the line that is missing beside %s', (sources, line) => {
    const words = blockedWords({ header: 'Content-Security-Policy', sources }, trans);
    expect(words).toContain(`c.ServerApp.tornado_settings = {"headers": {`);
    expect(words).toContain(line);
  });

  it('say what else there is', () => {
    const older = { header: 'X-Frame-Options', value: 'DENY' } as const;
    expect(blockedWords(older, trans)).toContain('SAMEORIGIN');
    expect(blockedWords(null, trans)).toContain('copies an address');
  });
});
