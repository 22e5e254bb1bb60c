/** What must be there before the first resource: known without a question to AWS. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { EnvironmentPlan } from '../plan/model.ts';

/** Where credentials may come from, as the AWS provider looks for them. */
export interface CredentialFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Files of the AWS CLI, those that exist. */
  readonly files: readonly string[];
  /** This machine is an instance of EC2, whose role may do. */
  readonly onEc2: boolean;
}

/**
 * @param ownProvider the program brings a provider, which has its own way to credentials
 * @throws UserError when no instance could be made
 */
export function requireReady(
  plan: Pick<EnvironmentPlan, 'stack' | 'hosts' | 'aws'>,
  ownProvider: boolean,
  facts = readFacts,
): void {
  requireImages(plan);
  if (!ownProvider) requireCredentials(facts());
}

function requireImages({
  stack,
  hosts,
  aws,
}: Pick<EnvironmentPlan, 'stack' | 'hosts' | 'aws'>): void {
  const releases = hosts
    .filter(({ name }) => aws?.hosts[name]?.image === undefined)
    .map(({ release }) => release);
  const missing = [...new Set(releases)];
  if (missing.length === 0) return;
  throw new UserError({
    what: `stack ${stack} names no image for its instances`,
    value: missing.map((release) => `aws.images.${release}`).join(', '),
    allowed: 'the id of an image (AMI) of that Debian release in the region of the stack',
    fix: `npm run images -- --stack ${stack} looks it up and pins it in the stack's config`,
  });
}

/** @throws UserError when none of the ways to credentials is open */
export function requireCredentials({ env, files, onEc2 }: CredentialFacts): void {
  const has = (...names: readonly string[]): boolean =>
    names.every((name) => (env[name] ?? '') !== '');
  const found =
    has('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY') ||
    has('AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN') ||
    has('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') ||
    has('AWS_CONTAINER_CREDENTIALS_FULL_URI') ||
    files.length > 0 ||
    onEc2;
  if (found) return;
  throw new UserError({
    what: 'the target aws needs credentials of an AWS account, and there are none; nothing was changed',
    allowed: [
      'AWS_PROFILE with a profile in ~/.aws (aws configure, aws configure sso)',
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN where they are temporary',
      'AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, as CI systems set them',
      'the role of an EC2 instance or of a container',
    ],
    fix: 'give one of them, try it with `aws sts get-caller-identity`, and run the same command again',
  });
}

function readFacts(): CredentialFacts {
  const { env } = process;
  const files = [
    env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(homedir(), '.aws', 'credentials'),
    env['AWS_CONFIG_FILE'] ?? join(homedir(), '.aws', 'config'),
  ];
  return { env, files: files.filter((file) => existsSync(file)), onEc2: isOnEc2() };
}

/** As the firmware says; without a question to the network. */
function isOnEc2(): boolean {
  try {
    return readFileSync('/sys/class/dmi/id/sys_vendor', 'utf8').trim() === 'Amazon EC2';
  } catch {
    return false;
  }
}
