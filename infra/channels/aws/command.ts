import { UserError } from '../../errors.ts';
import { exec, tail } from '../../rig-provider/exec.ts';
import type { AwsChannelDescription } from '../description.ts';

/** A call of the API with its retries; the CLI itself boots in a second. */
const callTimeoutMs = 30_000;

/** Nothing of a user's own settings may page, prompt or change what the CLI prints. */
const quiet = { AWS_PAGER: '', AWS_CLI_AUTO_PROMPT: 'off', AWS_DEFAULT_OUTPUT: 'json' };

/** What every call is told beside its own words. */
export type Caller = Pick<AwsChannelDescription, 'region' | 'profile'>;

/** Where the call goes, and who makes it. */
export const callerOptions = ({ region, profile }: Caller): string[] => [
  ...['--region', region],
  ...(profile === undefined ? [] : ['--profile', profile]),
];

/**
 * Runs the operator's AWS CLI, with the operator's credentials, and returns what it prints.
 * @throws UserError when there is no CLI, no credentials, or AWS refuses; with AWS' own words.
 */
export async function runAws(caller: Caller, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await exec(['aws', ...argv, ...callerOptions(caller)], {
    timeoutMs: callTimeoutMs,
    env: { ...process.env, ...quiet },
  }).catch((error: unknown) => {
    throw isMissing(error) ? noCli(error) : error;
  });
  if (code === 0) return stdout;
  throw explainAws(`aws ${argv.slice(0, 2).join(' ')}`, stderr);
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && (error.cause as { code?: unknown } | undefined)?.code === 'ENOENT';

export const noCli = (cause?: unknown): UserError =>
  new UserError({
    lasting: true,
    what: 'the hosts of a stack on aws are reached by the AWS CLI, and there is no `aws` on PATH',
    allowed: 'AWS CLI 2.12 or later',
    fix: 'install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html',
    cause,
  });

/** What AWS or its CLI said, with what to do about it where that is known. */
export function explainAws(command: string, said: string): UserError {
  const known = troubles.find(({ pattern }) => pattern.test(said));
  return new UserError({
    ...(known?.passes === true || known === undefined ? {} : { lasting: true }),
    what: `${command} failed`,
    value: tail(said, 500),
    fix: known?.fix,
  });
}

interface Trouble {
  readonly pattern: RegExp;
  readonly fix: string;
  /** It may end by itself. */
  readonly passes?: true;
}

const troubles: readonly Trouble[] = [
  {
    pattern:
      /Unable to locate credentials|NoCredentials|SSOToken|sso session|config profile .* could not be found/i,
    fix: 'give AWS credentials: aws.access.profile, AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `aws sso login`',
  },
  {
    pattern: /ExpiredToken|InvalidClientTokenId|AuthFailure|UnrecognizedClient|token .*expired/i,
    fix: 'these credentials are not or no longer good: renew them, e.g. with `aws sso login`',
  },
  {
    pattern: /UnauthorizedOperation|AccessDenied|not authorized to perform/i,
    fix: 'these credentials lack that right; docs/aws.md lists what an operator needs',
  },
  {
    pattern: /invalid choice|Unknown options/i,
    fix: 'this AWS CLI is too old: version 2.12 or later knows the command',
  },
  {
    pattern: /SessionManagerPlugin is not found/i,
    fix: 'install the Session Manager plugin for the AWS CLI',
  },
  {
    pattern: /TargetNotConnected/i,
    fix: 'the agent of Session Manager does not run on that host yet, or its image has none',
    passes: true,
  },
];
