import { describe, expect, it } from 'vitest';
import { requireCredentials, requireReady } from '../../../infra/aws/ready.ts';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { UserError } from '../../../infra/errors.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { awsEnvironments, planOf } from '../../lib/aws/environments.ts';

const nothing = { env: {}, files: [], onEc2: false };

/** What a person reads. */
function refusal(work: () => void): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { what, value, allowed, fix } = error.parts;
    return [what, value, ...[allowed ?? []].flat(), fix].filter(Boolean).join('\n');
  }
  return '';
}

describe('credentials', () => {
  it.each([
    ['keys', { env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' } }],
    ['a token of a CI system', { env: { AWS_WEB_IDENTITY_TOKEN_FILE: 'f', AWS_ROLE_ARN: 'r' } }],
    ['a container', { env: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2' } }],
    ['a profile', { files: ['config'] }],
    ['the role of an instance', { onEc2: true }],
  ])('are found: %s', (_, facts) => {
    expect(
      refusal(() => {
        requireCredentials({ ...nothing, ...facts });
      }),
    ).toBe('');
  });

  it.each([
    ['nothing', {}],
    ['half of a pair', { env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: '' } }],
    ['a token without a role', { env: { AWS_WEB_IDENTITY_TOKEN_FILE: 'f' } }],
  ])('are missing: %s', (_, facts) => {
    expect(
      refusal(() => {
        requireCredentials({ ...nothing, ...facts });
      }),
    ).toMatchInlineSnapshot(`
      "the target aws needs credentials of an AWS account, and there are none; nothing was changed
      AWS_PROFILE with a profile in ~/.aws (aws configure, aws configure sso)
      AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN where they are temporary
      AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, as CI systems set them
      the role of an EC2 instance or of a container
      give one of them, try it with \`aws sts get-caller-identity\`, and run the same command again"
    `);
  });
});

describe('before the first resource', () => {
  const environment = awsEnvironments['secured'];

  it('a provider of the program has its own way to credentials', () => {
    const plan = planOf('trial', environment);
    expect(
      refusal(() => {
        requireReady(plan, true, () => nothing);
      }),
    ).toBe('');
    expect(
      refusal(() => {
        requireReady(plan, false, () => nothing);
      }),
    ).toContain('credentials');
  });

  it('an image has to be named', () => {
    const plan = planEnvironment(loadEnvironment(environment, undefined, 'trial'));
    expect(
      refusal(() => {
        requireReady(plan, true, () => nothing);
      }),
    ).toMatchInlineSnapshot(`
      "stack trial names no image for its instances
      aws.images.trixie
      the id of an image (AMI) of that Debian release in the region of the stack
      npm run images -- --stack trial looks it up and pins it in the stack's config"
    `);
  });
});
