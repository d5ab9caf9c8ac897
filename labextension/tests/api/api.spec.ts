import { ServerConnection } from '@jupyterlab/services';

import { Api, ApiError, CondorUnavailable, ExtensionMissing, ServerAway } from '../../src/api';
import { cluster, run } from '../support';

interface IRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const BASE = 'http://localhost/user/eve/';

/** An Api whose server answers one thing after another, and what it was asked. */
function talk(...answers: (Response | Error)[]): { api: Api; asked: IRequest[] } {
  const asked: IRequest[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: BASE,
    // jsdom's signals are not those that Node's requests take.
    Request: class extends Request {
      constructor(url: string, init: RequestInit) {
        super(url, { ...init, signal: null });
      }
    } as typeof Request,
    fetch: async (input): Promise<Response> => {
      const request = input as Request;
      const text = await request.text();
      const url = new URL(request.url);
      url.search = url.search.replace(/[?&]\d+$/, '');
      asked.push({
        method: request.method,
        path: url.href.slice(BASE.length),
        body: text ? (JSON.parse(text) as unknown) : null
      });
      const answer = answers.shift();
      if (answer instanceof Response) {
        return answer;
      }
      throw answer ?? new Error('asked once too often');
    }
  });
  return { api: new Api(settings), asked };
}

const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status });

describe('Api', () => {
  it('lists page by page', async () => {
    const [a, b] = [cluster({ name: 'a' }), cluster({ name: 'b' })];
    const { api, asked } = talk(
      json({ clusters: [a], cursor: 'next page' }),
      json({ clusters: [b], cursor: null })
    );
    expect(await api.list()).toEqual([a, b]);
    expect(asked.map(({ path }) => path)).toEqual([
      'af-lab/api/clusters',
      'af-lab/api/clusters?cursor=next%20page'
    ]);
  });

  it('lists runs page by page', async () => {
    const { api, asked } = talk(
      json({ runs: [run({ name: 'a' })], cursor: 'a' }),
      json({ runs: [run()], cursor: null })
    );
    expect(await api.runs()).toEqual([run({ name: 'a' }), run()]);
    expect(asked.map(({ path }) => path)).toEqual(['af-lab/api/runs', 'af-lab/api/runs?cursor=a']);
  });

  it('creates', async () => {
    const { api, asked } = talk(json(cluster(), 201));
    expect(await api.create({ name: 'dimuon', workers: 2 })).toEqual(cluster());
    expect(asked).toEqual([
      { method: 'POST', path: 'af-lab/api/clusters', body: { name: 'dimuon', workers: 2 } }
    ]);
  });

  it.each([
    ['root', (api: Api): unknown => api.root(), 'GET ', null],
    ['stop', (api: Api): unknown => api.stop('a.b'), 'DELETE clusters/a.b', null],
    ['workers', (api: Api): unknown => api.workers('d'), 'GET clusters/d/workers', null],
    [
      'removeWorker',
      (api: Api): unknown => api.removeWorker('d', '7.0'),
      'DELETE clusters/d/workers/7.0',
      null
    ],
    [
      'releaseWorker',
      (api: Api): unknown => api.releaseWorker('d', '7.0'),
      'POST clusters/d/workers/7.0/release',
      null
    ],
    ['release', (api: Api): unknown => api.release('d'), 'POST clusters/d/release', null],
    ['timeline', (api: Api): unknown => api.timeline('d'), 'GET clusters/d/timeline', null],
    ['plots', (api: Api): unknown => api.plots('d'), 'GET clusters/d/plots', null],
    ['pool', (api: Api): unknown => api.pool(), 'GET pool', null],
    ['cancelRun', (api: Api): unknown => api.cancelRun('r'), 'POST runs/r/cancel', null],
    ['runAgain', (api: Api): unknown => api.runAgain('r'), 'POST runs/r/again', null],
    ['removeRun', (api: Api): unknown => api.removeRun('r'), 'DELETE runs/r', null],
    ['failedTasks', (api: Api): unknown => api.failedTasks('r'), 'GET runs/r/tasks', null],
    [
      'the log of a task',
      (api: Api): unknown => api.taskLog('r', '0.17', 10),
      'GET runs/r/logs?task=0.17&lines=10',
      null
    ],
    ['match', (api: Api): unknown => api.match({ cores: 2 }), 'POST match', { cores: 2 }],
    ['examples', (api: Api): unknown => api.examples(), 'GET examples', null],
    ['openExample', (api: Api): unknown => api.openExample('a-b'), 'POST examples/a-b/open', null],
    [
      'the end of a log',
      (api: Api): unknown => api.logs('d', { lines: 10 }),
      'GET clusters/d/logs?lines=10',
      null
    ],
    [
      'what a log has got since',
      (api: Api): unknown => api.logs('d', { worker: '7.0', after: '3:17' }),
      'GET clusters/d/logs?worker=7.0&after=3%3A17',
      null
    ],
    [
      'a change',
      (api: Api): unknown => api.change('d', { workers: 20 }),
      'PATCH clusters/d',
      { workers: 20 }
    ]
  ])('asks for %s', async (_, ask, what, body) => {
    const { api, asked } = talk(json({}));
    await ask(api);
    const [method, path] = what.split(' ');
    expect(asked).toEqual([{ method, path: `af-lab/api/${path}`, body }]);
  });

  it('understands that there is nothing to say', async () => {
    const { api } = talk(new Response(null, { status: 204 }));
    await expect(api.stop('dimuon')).resolves.toBeUndefined();
  });

  it('knows where things are', () => {
    expect(talk().api.url('af-lab/api/x/thumbnail')).toBe(`${BASE}af-lab/api/x/thumbnail`);
  });

  const refused = {
    message: 'No.',
    reason: 'Because.',
    code: 'SpecError',
    fields: { memory: 'Too much.' }
  };

  it.each([
    ['a refusal', json(refused, 422), ApiError, 'No.'],
    ['a cluster that is not there', json(refused, 404), ApiError, 'No.'],
    ['HTCondor away', json(refused, 503), CondorUnavailable, 'No.'],
    ['an address nobody knows', new Response('<html>', { status: 404 }), ExtensionMissing, '404'],
    ['a proxy without a server', json({ message: 'gone' }, 503), ServerAway, 'gone'],
    ['JupyterHub without a server', new Response('', { status: 424 }), ServerAway, '424'],
    ['no network', new TypeError('Failed to fetch'), ServerAway, 'Failed to fetch'],
    ['a login page', new Response('<html>'), ServerAway, '200'],
    ['Jupyter itself', json({ message: 'Forbidden', reason: null }, 403), ApiError, 'Forbidden']
  ])('tells %s from the rest', async (_, answer, kind, message) => {
    const error: unknown = await talk(answer)
      .api.list()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(kind);
    expect((error as ApiError).constructor).toBe(kind);
    expect((error as ApiError).message).toBe(message);
  });

  it('keeps the reason, the code, and what it is about', async () => {
    const { api } = talk(json(refused, 422));
    await expect(api.stop('dimuon')).rejects.toMatchObject({
      reason: 'Because.',
      code: 'SpecError',
      about: { fields: { memory: 'Too much.' } }
    });
  });
});

describe('listening', () => {
  class FakeSocket {
    static readonly all: FakeSocket[] = [];
    onclose: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    closed = false;

    constructor(readonly url: string) {
      FakeSocket.all.push(this);
    }

    close(): void {
      this.closed = true;
      this.onclose?.();
    }
  }

  const told: unknown[] = [];
  let closed: number;
  let api: Api;

  beforeEach(() => {
    told.length = 0;
    closed = 0;
    FakeSocket.all.length = 0;
    api = new Api(
      ServerConnection.makeSettings({
        appendToken: true,
        baseUrl: BASE,
        token: 'a/b',
        WebSocket: FakeSocket as unknown as typeof WebSocket,
        wsUrl: 'ws://localhost/user/eve/'
      })
    );
  });

  const listen = (): ReturnType<Api['listen']> =>
    api.listen({
      onMessage: message => told.push(message),
      onClosed: () => {
        closed += 1;
      }
    });

  it('passes on what is told, and that it is over', () => {
    listen();
    const [socket] = FakeSocket.all;
    expect(socket?.url).toBe('ws://localhost/user/eve/af-lab/api/events?token=a%2Fb');
    socket?.onmessage?.({ data: '{"type": "pool"}' });
    expect(told).toEqual([{ type: 'pool' }]);
    socket?.close();
    expect(closed).toBe(1);
  });

  it('ends without a word when nobody listens any more', () => {
    const listening = listen();
    const [socket] = FakeSocket.all;
    listening.dispose();
    expect(socket?.closed).toBe(true);
    socket?.onmessage?.({ data: '{"type": "pool"}' });
    expect([told, closed]).toEqual([[], 0]);
  });
});
