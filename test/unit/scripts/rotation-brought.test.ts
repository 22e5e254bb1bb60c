import { expect, it } from 'vitest';
import { broughtNotes, broughtSecrets } from '../../../scripts/lib/rotation-brought.ts';
import { plan } from '../../lib/plans.ts';

const tls = { 'trusted-authorities': '/shop/ca', 'certificate-front': '/shop/front' };
const brokers = [1, 2, 3].map((n) => [`certificate-broker-${n}`, `/shop/broker-${n}`] as const);
const onAws = (parameters: object, rest: object = {}) =>
  plan('quorum-cluster', {
    target: 'aws',
    aws: { region: 'eu-central-1', secrets: { parameters } },
    ...rest,
  });

it('what the user brings is the user’s to replace, kind by kind', () => {
  const brought = onAws({ 'erlang-cookie': '/shop/cookie', 'statistics-password': '/shop/page' });
  expect(broughtNotes(brought, 'cookie')).toEqual([
    'erlang-cookie is yours: hosts take up what /shop/cookie holds now',
  ]);
  expect(broughtSecrets(brought, 'credentials')).toEqual([
    { secret: 'statistics-password', parameter: '/shop/page' },
  ]);
  expect(broughtNotes(onAws({}), 'cookie')).toEqual([]);
});

it('the kit makes and forgets no authority that is the user’s', () => {
  const all = onAws({ ...tls, ...Object.fromEntries(brokers) }, { tls: { enabled: true } });
  expect(broughtSecrets(all, 'certificates')).toHaveLength(5);
  expect(() => broughtNotes(all, 'ca')).toThrow('the authority of trial is your own');
  expect(broughtNotes(onAws({}, { tls: { enabled: true } }), 'ca')).toEqual([]);
});
