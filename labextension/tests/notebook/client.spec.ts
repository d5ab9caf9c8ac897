import { askForClient, parseClient, sourceOf, withCluster } from '../../src/notebook/client';
import { evaluate, runSilently } from '../../src/notebook/evaluate';
import { CLIENT_EXPRESSION } from '../../src/notebook/clientexpression';
import { printed, SetKernel } from './support';
import { entry, settle } from '../support';

const LOCAL = {
  cluster: null,
  dashboard: 'http://127.0.0.1:8787/status',
  address: 'tcp://127.0.0.1:8786'
};

describe('the client of a kernel', () => {
  it('is asked for outside the history of the kernel', async () => {
    const kernel = new SetKernel();
    kernel.client = LOCAL;
    expect(await askForClient(kernel.asConnection)).toEqual(LOCAL);
    expect(kernel.requests).toEqual([
      {
        code: '',
        silent: true,
        store_history: false,
        allow_stdin: false,
        stop_on_error: false,
        user_expressions: { value: CLIENT_EXPRESSION }
      }
    ]);
    expect(kernel.disposed).toBe(1);
  });

  it('is asked for in Python only', async () => {
    const kernel = new SetKernel();
    kernel.client = LOCAL;
    kernel.language = 'C++';
    expect(await askForClient(kernel.asConnection)).toBeNull();
    expect(kernel.requests).toEqual([]);
  });

  it('is not waited for, for longer than five seconds', async () => {
    jest.useFakeTimers();
    const kernel = new SetKernel();
    kernel.isSilent = true;
    const told = jest.fn();
    void askForClient(kernel.asConnection).then(told);
    await settle();
    expect(kernel.requests).toHaveLength(1);
    jest.advanceTimersByTime(4_999);
    await settle();
    expect(told).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    jest.useRealTimers();
    await settle();
    expect(told).toHaveBeenCalledWith(null);
    expect(kernel.disposed).toBe(1);
  });

  it('is not asked for once nobody waits any more', async () => {
    jest.useFakeTimers();
    const kernel = new SetKernel();
    let ready: (info: unknown) => void = () => undefined;
    jest.spyOn(kernel, 'info', 'get').mockReturnValue(new Promise(resolve => (ready = resolve)));
    const asked = evaluate(kernel.asConnection, '1', 1_000);
    jest.advanceTimersByTime(1_000);
    jest.useRealTimers();
    expect(await asked).toBeNull();
    ready({ language_info: { name: 'python' } });
    await settle();
    expect(kernel.requests).toEqual([]);
  });

  it('is none where the expression fails', async () => {
    const kernel = new SetKernel();
    kernel.error = { ename: 'KeyError', evalue: 'x' };
    expect(await askForClient(kernel.asConnection)).toBeNull();
  });

  it.each([
    null,
    '',
    'None',
    "''",
    "'7b'",
    "'xyz'",
    printed(null),
    printed('text'),
    printed({}),
    printed({ address: 3 }),
    `${printed(LOCAL)} `
  ])('is none in %p', text => {
    expect(parseClient(text)).toBeNull();
  });

  it('has what is told, and nothing else', () => {
    const told = { cluster: '', dashboard: '', address: 'tcp://wn7:8786', more: 1 };
    expect(parseClient(printed(told))).toEqual({
      cluster: null,
      dashboard: null,
      address: 'tcp://wn7:8786'
    });
  });

  it('is of the cluster whose scheduler it has', () => {
    const client = { ...LOCAL, address: 'tls://10.0.0.1:8786' };
    expect(withCluster(client, [entry()]).cluster).toBe('dimuon');
    expect(withCluster({ ...client, cluster: 'other' }, [entry()]).cluster).toBe('other');
    expect(withCluster(LOCAL, [entry()])).toEqual(LOCAL);
  });

  it('has plots', () => {
    expect(sourceOf({ ...LOCAL, cluster: 'dimuon' })).toEqual({ kind: 'cluster', name: 'dimuon' });
    expect(sourceOf(LOCAL)).toEqual({ kind: 'address', url: LOCAL.dashboard });
    expect(sourceOf({ ...LOCAL, dashboard: null })).toBeNull();
  });
});

describe('code that is run in a kernel', () => {
  it('leaves no trace in its history', async () => {
    const kernel = new SetKernel();
    expect(await runSilently(kernel.asConnection, 'x = 1')).toBeNull();
    expect(kernel.requests).toMatchObject([{ code: 'x = 1', silent: true, store_history: false }]);
  });

  it('may fail', async () => {
    const kernel = new SetKernel();
    kernel.error = { ename: 'ImportError', evalue: 'no af_lab' };
    expect(await runSilently(kernel.asConnection, '')).toBe('ImportError: no af_lab');
  });
});
