import { credentials } from '@grpc/grpc-js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import { ResourceProviderClient } from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import wire from '@pulumi/pulumi/proto/provider_pb.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  listen,
  offerProvider,
  type ResourceProvider,
} from '../../../infra/rig-provider/server.ts';

type Server = Awaited<ReturnType<typeof listen>>['server'];

const text = 'ü, "quotes" and\nlines';
const provider: ResourceProvider = {
  version: '1.2.3',
  check: (_urn, _olds, news: { name?: string }) =>
    Promise.resolve({
      inputs: news,
      failures: news.name === 'good' ? [] : [{ property: 'name', reason: 'not good' }],
    }),
  diff: (_id, _urn, olds: { size: number }, news: { size: number }) =>
    Promise.resolve({
      changes: olds.size !== news.size,
      replaces: news.size < olds.size ? ['size'] : [],
      deleteBeforeReplace: news.size < olds.size,
    }),
  create: (_urn, inputs: object) => Promise.resolve({ id: 'one', outs: { ...inputs, text } }),
  read: (id) => Promise.resolve(id === 'gone' ? { id: '', props: {} } : { id, props: { size: 3 } }),
  update: (_id, _urn, olds: object, news: object) =>
    Promise.resolve({ outs: { ...olds, ...news } }),
  delete: () => Promise.reject(new Error('it holds data; fix: empty it')),
};

let server: Server;
let client: InstanceType<typeof ResourceProviderClient>;
beforeAll(async () => {
  const listening = await listen();
  ({ server } = listening);
  offerProvider(server, provider);
  client = new ResourceProviderClient(`127.0.0.1:${listening.port}`, credentials.createInsecure());
});
afterAll(() => {
  client.close();
  server.forceShutdown();
});

/** As the engine asks. */
function ask<Response>(
  call: (reply: (error: Error | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}

const message = (value: object) => struct.Struct.fromJavaScript(value as never);

describe('the provider on the wire', () => {
  it('sends checked inputs back as they came, with every failure', async () => {
    const request = new wire.CheckRequest();
    request.setNews(message({ name: 'bad', list: [1, { a: null }] }));
    const answer = await ask<wire.CheckResponse>((reply) => client.check(request, reply));
    expect(answer.getInputs()?.toJavaScript()).toEqual({ name: 'bad', list: [1, { a: null }] });
    expect(answer.getFailuresList().map((failure) => failure.toObject())).toEqual([
      { property: 'name', reason: 'not good' },
    ]);
  });

  it.each([
    { olds: 3, news: 3, changes: 'DIFF_NONE', replaces: [], first: false },
    { olds: 3, news: 4, changes: 'DIFF_SOME', replaces: [], first: false },
    { olds: 3, news: 2, changes: 'DIFF_SOME', replaces: ['size'], first: true },
  ] as const)('tells size $olds to $news as $changes', async (expected) => {
    const request = new wire.DiffRequest();
    request.setOlds(message({ size: expected.olds }));
    request.setNews(message({ size: expected.news }));
    const answer = await ask<wire.DiffResponse>((reply) => client.diff(request, reply));
    expect(answer.getChanges()).toBe(wire.DiffResponse.DiffChanges[expected.changes]);
    expect(answer.getReplacesList()).toEqual(expected.replaces);
    expect(answer.getDeletebeforereplace()).toBe(expected.first);
  });

  it('carries what was made, and what is gone', async () => {
    const create = new wire.CreateRequest();
    create.setProperties(message({ size: 3 }));
    const made = await ask<wire.CreateResponse>((reply) => client.create(create, reply));
    expect(made.getId()).toBe('one');
    expect(made.getProperties()?.toJavaScript()).toEqual({ size: 3, text });
    const read = new wire.ReadRequest();
    read.setId('gone');
    const live = await ask<wire.ReadResponse>((reply) => client.read(read, reply));
    expect(live.getId()).toBe('');
    const update = new wire.UpdateRequest();
    update.setOlds(message({ size: 3, kept: true }));
    update.setNews(message({ size: 4 }));
    const now = await ask<wire.UpdateResponse>((reply) => client.update(update, reply));
    expect(now.getProperties()?.toJavaScript()).toEqual({ size: 4, kept: true });
  });

  it('answers a failure with its words', async () => {
    await expect(ask((reply) => client.delete(new wire.DeleteRequest(), reply))).rejects.toThrow(
      'it holds data; fix: empty it',
    );
  });
});
