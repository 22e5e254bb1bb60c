import { expect, it } from 'vitest';
import { versionsOf } from '../../../infra/aws/parameters.ts';
import { awsEnvironments, planOf } from '../../lib/aws/environments.ts';

const parameters = {
  'erlang-cookie': '/a/cookie',
  'application-password': '/a/application',
  'trusted-authorities': '/a/trusted',
  ...Object.fromEntries(
    ['broker-1', 'broker-2', 'broker-3'].map((each) => [`certificate-${each}`, `/a/${each}`]),
  ),
};
const plan = planOf('mq', awsEnvironments['balanced'], {
  ...{ tls: { enabled: true }, aws: { secrets: { parameters } } },
});
const moment = (day: number): string => `2026-11-0${day}T00:00:00.000Z`;

it('hosts are told of a parameter that the user brings by the last rotation of its kind', () => {
  const rotation = { cookie: moment(1), credentials: moment(2), certificates: moment(3) };
  expect(versionsOf(plan, {}, rotation)).toMatchObject({
    'erlang-cookie': moment(1),
    'application-password': moment(2),
    'trusted-authorities': moment(3),
    'certificate-broker-1': moment(3),
  });
});

it('and never before the first', () => {
  expect(new Set(Object.values(versionsOf(plan, {}, {})))).toEqual(new Set(['']));
});
