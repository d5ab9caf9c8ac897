import { ServerConnection } from '@jupyterlab/services';

import { Api, ApiError, CondorUnavailable, ExtensionMissing, ServerAway } from '../src/api';
import { cluster } from './support';

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

  it('creates', async () => {
    const { api, asked } = talk(json(cluster(), 201));
    expect(await api.create({ name: 'dimuon', workers: 2 })).toEqual(cluster());
    expect(asked).toEqual([
      { method: 'POST', path: 'af-lab/api/clusters', body: { name: 'dimuon', workers: 2 } }
    ]);
  });

  it('scales', async () => {
    const { api, asked } = talk(json(cluster({ workers: 20 })));
    expect((await api.scale('dimuon', 20)).workers).toBe(20);
    expect(asked).toEqual([
      { method: 'PATCH', path: 'af-lab/api/clusters/dimuon', body: { workers: 20 } }
    ]);
  });

  it('stops', async () => {
    const { api, asked } = talk(new Response(null, { status: 204 }));
    await api.stop('dimuon');
    expect(asked).toEqual([{ method: 'DELETE', path: 'af-lab/api/clusters/dimuon', body: null }]);
  });

  const refused = { message: 'No.', reason: 'Because.', code: 'SpecError' };

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

  it('keeps the reason and the code', async () => {
    const { api } = talk(json(refused, 422));
    await expect(api.stop('dimuon')).rejects.toMatchObject({
      reason: 'Because.',
      code: 'SpecError'
    });
  });
});
