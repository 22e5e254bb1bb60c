import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { requireRoom } from '../../../infra/aws/room.ts';
import { deepMerge } from '../../../infra/config/merge.ts';
import { userDataLimit } from '../../../infra/render/compressed-user-data.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { lateFilesLimit } from '../../../infra/render/late-files.ts';
import { withCredentials } from '../../lib/aws/credentials.ts';
import { awsEnvironments, configOf, planOf } from '../../lib/aws/environments.ts';
import { type RegisteredResource, registeredBy } from '../../lib/aws/mocks.ts';

const { default: program } = await import('../../../infra/index.ts');

withCredentials();

const environment = awsEnvironments['offline'];

it('what AWS would refuse for its size is refused before any resource is registered', async () => {
  const clients = Array.from({ length: 61 }, (_, i) => `100.64.${i}.0/24`);
  const large = deepMerge(environment, { network: { clients } });
  const registered: RegisteredResource[] = [];
  await expect(
    registeredBy('offline', configOf(large), program, undefined, registered),
  ).rejects.toThrow('a security group would have more rules than the account allows');
  expect(registered.map(({ type }) => type)).toEqual([]);
});

describe('files of a host', () => {
  const plan = planOf('offline', environment);
  const rendered = renderEnvironment(plan);
  const [first, second] = rendered;
  if (first === undefined || second === undefined) throw new Error('the environment has no hosts');
  const noise = randomBytes(userDataLimit).toString('base64');

  it('fit as they are', () => {
    expect(() => {
      requireRoom(plan, rendered);
    }).not.toThrow();
  });

  it.each([
    ['user-data', { userData: second.userData + noise }, userDataLimit],
    [
      'what comes beside it',
      { lateFiles: second.lateFiles.map((file) => ({ ...file, content: noise })) },
      lateFilesLimit,
    ],
  ])('are refused where they are too large, by host, size, limit and fix: %s', (_, more, limit) => {
    let refusal: unknown;
    try {
      requireRoom(plan, [first, { ...second, ...more }]);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({
      parts: {
        what: expect.stringContaining(second.name) as unknown,
        value: expect.stringMatching(/^\d+ bytes, compressed/) as unknown,
        allowed: `at most ${limit} bytes`,
        fix: expect.stringContaining('network.clients') as unknown,
      },
    });
  });
});
