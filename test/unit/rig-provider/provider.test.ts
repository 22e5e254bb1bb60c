import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkFailures, parseUrn, provider } from '../../../infra/rig-provider/provider.ts';
import { unknownProperties, unwrap, wrapSecrets } from '../../../infra/rig-provider/values.ts';

const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const urnOf = (type: string): string =>
  `urn:pulumi:dev::rabbitmq-ha-kit::kit:index:Env$${type}::one`;

describe('the wire', () => {
  it('names a resource by token and name', () => {
    expect(parseUrn(urnOf('rig:index:Host'))).toEqual({ token: 'rig:index:Host', name: 'one' });
  });

  it('takes secrets out of their envelopes and puts outputs into them', () => {
    const wrapped = wrapSecrets({ value: { a: 'b' }, kind: 'password', absent: undefined }, [
      'value',
    ]);
    expect(Object.keys(wrapped)).toEqual(['value', 'kind']);
    expect(JSON.stringify(wrapped['value'])).not.toBe('{"a":"b"}');
    expect(unwrap({ deep: [wrapped] })).toEqual({
      deep: [{ value: { a: 'b' }, kind: 'password' }],
    });
  });

  it('finds what a preview cannot know', () => {
    expect(unknownProperties({ a: { b: [unknown] }, c: 'known' })).toEqual(['a']);
  });
});

describe('check', () => {
  const schema = z.object({ name: z.string(), sizeGiB: z.number() });

  it('names every wrong property', () => {
    const failures = checkFailures(schema, { name: 1 });
    expect(failures.map(({ property }) => property)).toEqual(['name', 'sizeGiB']);
  });

  it('says nothing about values that only the deployment knows', () => {
    expect(checkFailures(schema, { name: 'a', sizeGiB: unknown })).toEqual([]);
  });

  it('reports through the provider, with the path of the property', async () => {
    const news = {
      stack: 's',
      networks: [{ name: 'Zone A', cidr: '10.0.0.0/8', gateway: '10.0.0.1' }],
      forwards: [],
    };
    const result = await provider.check(urnOf('rig:index:Network'), {}, news);
    expect(result.failures).toEqual([
      { property: 'networks.0.name', reason: 'lower-case letters, digits and inner hyphens' },
    ]);
  });

  it('says which resources there are when asked for another', async () => {
    await expect(provider.check(urnOf('rig:index:Hoost'), {}, {})).rejects.toThrow(
      /no resource rig:index:Hoost; it has rig:index:Password/,
    );
  });
});

describe('diff', () => {
  const urn = urnOf('rig:index:Configuration');
  const olds = { stack: 's', host: 'one', hostId: 'one-1', files: {} };

  it('counts what only the deployment knows as changed', async () => {
    const news = { stack: 's', host: 'one', hostId: unknown, files: [] };
    const found = await provider.diff('id', urn, olds, news);
    expect(found).toMatchObject({ changes: true, replaces: [] });
  });

  it('shows a replacement that follows from what is known', async () => {
    const news = { stack: 's', host: 'two', hostId: unknown, files: [] };
    const found = await provider.diff('id', urn, olds, news);
    expect(found).toMatchObject({ changes: true, replaces: ['host'], deleteBeforeReplace: true });
  });

  it('says no more than "changed" when the state has another form than the inputs', async () => {
    const news = { stack: 's', host: 'two', hostId: 'one-1', files: unknown };
    expect(await provider.diff('id', urn, olds, news)).toEqual({ changes: true });
  });
});

describe('passwords', () => {
  const urn = urnOf('rig:index:Password');

  it('are secrets in the state, of the form that their users need', async () => {
    for (const [kind, form] of [
      ['erlang-cookie', /^[A-Z]{20}$/],
      ['password', /^[A-Za-z0-9_-]{32}$/],
    ] as const) {
      const made = await provider.create(urn, { kind });
      const outs = made.outs as Record<string, unknown>;
      expect(outs['value']).toBeTypeOf('object');
      expect((unwrap(outs) as { value: string }).value).toMatch(form);
    }
  });

  it('are made anew when they are older than asked for, and only then', async () => {
    const moments = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'] as const;
    const olds = { kind: 'password', value: 'x', version: moments[0] };
    const changes = async (inputs: object): Promise<boolean | undefined> =>
      (await provider.diff('id', urn, olds, { kind: 'password', ...inputs })).changes;
    expect(await changes({ since: moments[1] })).toBe(true);
    expect(await changes({ since: moments[0] })).toBe(false);
    // Whoever lost the moment, e.g. another machine, must not change every password by that.
    expect(await changes({})).toBe(false);
    const made = await provider.update('id', urn, olds, { kind: 'password', since: moments[1] });
    const state = unwrap(made.outs) as { value: string; version: string };
    expect(state.value).not.toBe('x');
    expect(state.version > moments[1]).toBe(true);
  });
});
