import type { Provider } from '@pulumi/pulumi/provider/provider.js';
import { describe, expect, it } from 'vitest';
import { provider as handlers } from '../../../infra/rig-provider/provider.ts';
import { unwrap } from '../../../infra/rig-provider/values.ts';
import { chainOf } from '../../../infra/tls/inspect.ts';
import { createAuthority } from '../../../infra/tls/x509.ts';

const provider: Provider = handlers;

type Properties = Record<string, unknown>;
type Resource = 'rig:tls:Authority' | 'rig:tls:Certificate';

const urnOf = (type: Resource): string => `urn:pulumi:test::kit::${type}::name`;
const stateOf = (outs: unknown): Properties => unwrap(outs) as Properties;

const create = async (type: Resource, inputs: Properties): Promise<Properties> =>
  stateOf((await provider.create?.(urnOf(type), inputs))?.outs);
const update = async (type: Resource, state: Properties, inputs: Properties): Promise<Properties> =>
  stateOf((await provider.update?.('id', urnOf(type), state, inputs))?.outs);
const changes = async (type: Resource, state: Properties, inputs: Properties): Promise<boolean> =>
  (await provider.diff?.('id', urnOf(type), state, inputs))?.changes === true;
const refusals = async (before: Properties, next: Properties): Promise<string[]> =>
  ((await provider.check?.(urnOf('rig:tls:Authority'), before, next))?.failures ?? []).map(
    ({ reason }) => reason,
  );

/** A moment from now on: what is made before it is older. */
const later = async (): Promise<string> => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  return new Date().toISOString();
};
const trustedBy = (state: Properties): number => chainOf(String(state['trusted'])).length;

describe('an authority', () => {
  const type = 'rig:tls:Authority';
  const inputs = { commonName: 'test authority', validDays: 30 };

  it('hands over to its successor in steps, each of them once', async () => {
    const first = await create(type, inputs);
    expect(await changes(type, first, inputs)).toBe(false);

    const introduce = { ...inputs, introduceSince: await later() };
    expect(await changes(type, first, introduce)).toBe(true);
    const both = await update(type, first, introduce);
    expect(both['certificate']).toBe(first['certificate']);
    expect(trustedBy(both)).toBe(2);
    expect(await changes(type, both, introduce)).toBe(false);

    const promote = { ...introduce, promoteSince: await later() };
    expect(await changes(type, both, promote)).toBe(true);
    const handedOver = await update(type, both, promote);
    expect(handedOver['certificate']).not.toBe(first['certificate']);
    expect(trustedBy(handedOver)).toBe(2);
    expect(await changes(type, handedOver, promote)).toBe(false);

    const forget = { ...promote, forgetSince: await later() };
    expect(await changes(type, handedOver, forget)).toBe(true);
    const alone = await update(type, handedOver, forget);
    expect(alone['trusted']).toBe(handedOver['certificate']);
    expect(await changes(type, alone, forget)).toBe(false);
  });

  it('that has expired hands over at once, and nobody trusts it any more', async () => {
    const first = await create(type, inputs);
    const expired = await createAuthority('test authority', 1, new Date('2020-01-01'));
    const state = { ...first, signer: { ...expired, madeAt: '2020-01-01T00:00:00.000Z' } };
    const replaced = await update(type, state, { ...inputs, introduceSince: await later() });
    expect(replaced['certificate']).not.toBe(expired.certificate);
    expect(replaced['trusted']).toBe(replaced['certificate']);

    // A successor from before its end takes its place in the same way.
    const both = await update(type, first, { ...inputs, introduceSince: await later() });
    const late = { ...both, signer: state.signer };
    const promoted = await update(type, late, { ...inputs, promoteSince: await later() });
    expect(promoted['signer']).toEqual(both['successor']);
    expect(promoted['trusted']).toBe(promoted['certificate']);
  });

  it('stays as it is when the moments of its rotation are lost', async () => {
    const first = await create(type, inputs);
    const both = await update(type, first, { ...inputs, introduceSince: await later() });
    expect(await changes(type, both, inputs)).toBe(false);
    // Without a successor there is nobody to promote.
    expect(await changes(type, first, { ...inputs, promoteSince: await later() })).toBe(false);
  });

  it('refuses one that is brought along and does not hold, before anything is made', async () => {
    const [own, other] = [await createAuthority('own', 30), await createAuthority('other', 30)];
    expect(await refusals({}, { ...inputs, own })).toEqual([]);
    const foreign = { certificate: own.certificate, key: other.key };
    expect(await refusals({}, { ...inputs, own: foreign })).toEqual([
      expect.stringContaining('does not belong to the certificate'),
    ]);
    const old = await createAuthority('old', 30, new Date(Date.now() - 40 * 86_400_000));
    expect(await refusals({}, { ...inputs, own: old })).toEqual([
      expect.stringContaining('has expired'),
    ]);
  });

  it('is exchanged by a rotation only', async () => {
    const own = await createAuthority('own', 30);
    expect(await refusals(inputs, { ...inputs, own })).toEqual([
      expect.stringContaining('npm run rotate -- --certificates --ca'),
    ]);
    const before = await create(type, inputs);
    const introduceSince = await later();
    expect(await refusals(inputs, { ...inputs, own, introduceSince })).toEqual([]);
    const state = await update(type, before, { ...inputs, own, introduceSince });
    expect(String(state['trusted'])).toContain(own.certificate.trim());
  });

  it('keeps its keys secret in the state', async () => {
    const made = await provider.create?.(urnOf(type), inputs);
    const outs = made?.outs as Properties;
    const open = Object.entries(outs).filter(([name]) => name !== 'signer');
    expect(JSON.stringify(open)).not.toContain('PRIVATE KEY');
    expect(outs['signer']).toHaveProperty('4dabf18193072939515e22adb298388d');
  });
});

describe('a certificate', () => {
  const type = 'rig:tls:Certificate';
  const request = { commonName: 'b', names: ['b'], addresses: ['10.77.0.10'], validDays: 20 };

  it('is made anew for another name, another signer or when it is older than asked for', async () => {
    const [signer, other] = [await createAuthority('a', 90), await createAuthority('a', 90)];
    const inputs = { ...request, signer };
    const state = await create(type, inputs);
    expect(await changes(type, state, inputs)).toBe(false);
    expect(await changes(type, state, { ...inputs, since: '2020-01-01T00:00:00.000Z' })).toBe(
      false,
    );
    expect(await changes(type, state, { ...inputs, since: await later() })).toBe(true);
    expect(await changes(type, state, { ...inputs, names: ['b', 'c'] })).toBe(true);
    expect(await changes(type, state, { ...inputs, signer: other })).toBe(true);
    const anew = await update(type, state, { ...inputs, signer: other });
    expect(anew['version']).not.toBe(state['version']);
    expect(await changes(type, anew, { ...inputs, signer: other })).toBe(false);
  });

  it('is renewed by any update before it expires, unless its signer ends as soon', async () => {
    const signer = await createAuthority('a', 90);
    const inputs = { ...request, signer };
    const state = await create(type, inputs);
    // As it will be when two thirds of its life are over: made with a shorter one, long ago.
    const { issueCertificate } = await import('../../../infra/tls/x509.ts');
    const old = await issueCertificate(signer, request, new Date(Date.now() - 15 * 86_400_000));
    expect(await changes(type, { ...state, certificate: old.certificate }, inputs)).toBe(true);
    const short = await createAuthority('a', 2, new Date(Date.now() - 1.5 * 86_400_000));
    const ends = await create(type, { ...request, signer: short });
    expect(await changes(type, ends, { ...request, signer: short })).toBe(false);
  });

  it('keeps its key secret in the state', async () => {
    const signer = await createAuthority('a', 90);
    const made = await provider.create?.(urnOf(type), { ...request, signer });
    const outs = made?.outs as Properties;
    const open = Object.entries(outs).filter(([name]) => name !== 'value');
    expect(JSON.stringify(open)).not.toContain('PRIVATE KEY');
    expect(outs['value']).toHaveProperty('4dabf18193072939515e22adb298388d');
  });
});
