import { locate, placeOf, wrongSyntax } from '../../src/dashboards/address';

const BASE = 'https://hub.example.org/user/alice/';

describe('the place of a dashboard', () => {
  it.each([
    ['http://127.0.0.1:8787/status', 'proxy/8787/'],
    ['http://localhost:8787', 'proxy/8787/'],
    ['http://[::1]:8787/status', 'proxy/8787/'],
    [' http://0.0.0.0:8787/individual-task-stream ', 'proxy/8787/'],
    ['127.0.0.1:8787', 'proxy/8787/'],
    ['8787', 'proxy/8787/'],
    ['http://hub.example.org:8787/status', 'proxy/8787/'],
    ['http://10.0.0.7:8787/status', 'proxy/10.0.0.7:8787/'],
    ['wn-7.example.org:40000', 'proxy/wn-7.example.org:40000/'],
    ['http://wn-7.example.org/status', 'proxy/wn-7.example.org:80/'],
    ['http://127.0.0.1:8787/prefix/status', 'proxy/8787/prefix/'],
    ['http://127.0.0.1:8787/prefix', 'proxy/8787/prefix/'],
    ['http://127.0.0.1:8787/statics/individual-cluster-map.html', 'proxy/8787/'],
    ['http://127.0.0.1:8787/info/main/workers.html', 'proxy/8787/'],
    ['https://hub.example.org/user/alice/proxy/8787/status', 'proxy/8787/'],
    ['/user/alice/proxy/8787/status', 'proxy/8787/'],
    ['proxy/8787/status', 'proxy/8787/'],
    ['http://127.0.0.1:8787/a/../../../api/status', 'proxy/8787/api/']
  ])('%s', (address, folder) => {
    expect(locate(address, BASE)).toEqual({ kind: 'folder', folder });
  });

  it('is that of a cluster when af_lab passes it on', () => {
    expect(locate('/user/alice/af-lab/api/clusters/di%20muon/dashboard/status', BASE)).toEqual({
      kind: 'cluster',
      name: 'di muon'
    });
  });

  it.each([
    ['https://hub.example.org/user/bob/proxy/8787/status', 'foreign'],
    ['/user/bob/proxy/8787/status', 'foreign'],
    ['proxy/../../bob/status', 'foreign'],
    ['tcp://127.0.0.1:8786', 'scheduler'],
    ['tls://10.0.0.7:8786', 'scheduler'],
    ['https://10.0.0.7:8787/status', 'secure'],
    ['http://[fe80::1]:8787/status', 'malformed'],
    ['http://', 'malformed'],
    ['http://a:b:c/', 'malformed'],
    ['javascript:alert(1)', 'malformed'],
    ['dimuon', 'malformed'],
    ['', 'malformed']
  ])('%s is refused', (address, wrong) => {
    expect(locate(address, BASE)).toEqual({ kind: 'wrong', wrong });
  });

  it('tells the server from another port of its host', () => {
    const base = 'http://localhost:8888/';
    expect(locate('http://127.0.0.1:8888/proxy/8787/status', base)).toEqual({
      kind: 'folder',
      folder: 'proxy/8787/'
    });
    expect(locate('http://localhost:8787/status', base)).toEqual({
      kind: 'folder',
      folder: 'proxy/8787/'
    });
  });

  it('has a short name', () => {
    expect(placeOf('http://127.0.0.1:8787/status')).toBe('127.0.0.1:8787');
    expect(placeOf('127.0.0.1:8787')).toBe('127.0.0.1:8787');
    expect(placeOf('/user/alice/proxy/8787/status')).toBe('/user/alice/proxy/8787/status');
  });
});

it('tells what is wrong with an address anywhere', () => {
  expect(wrongSyntax('dimuon')).toBe('malformed');
  expect(wrongSyntax('tcp://127.0.0.1:8786')).toBe('scheduler');
  expect(wrongSyntax('http://127.0.0.1:8787')).toBeNull();
  expect(wrongSyntax('/user/alice/proxy/8787/status')).toBeNull();
});
