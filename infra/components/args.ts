import type { z } from 'zod';
import { loadEnvironment } from '../config/load.ts';
import { passwordKey } from '../config/definitions/passwords.ts';
import type { environmentSchema, EnvironmentConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import * as pulumi from '../pulumi.ts';
import { readOwnAuthority } from '../tls/own-authority.ts';
import type { SecretSources } from './secrets.ts';

type EnvironmentInput = z.input<typeof environmentSchema>;

/**
 * An environment as a program states it: what a stack file of the kit holds under
 * `rabbitmq-ha-kit:environment` (docs/config.md has every field), and what such a file must not hold.
 * All but passwords are plain values: the plan is made of them before the first resource. What another
 * stack or a data source tells is awaited first (see docs/aws.md).
 */
export interface EnvironmentArgs extends Omit<EnvironmentInput, 'domain'> {
  readonly domain?: string;
  /**
   * Name of the environment: its resources begin with it, and its hosts are known by it, so that no other
   * of the same account and region, or machine, may have it. The component's name and Pulumi's stack's
   * unless stated: `mq-dev`.
   */
  readonly stack?: string;
  /** By user: of those whose definition says `password: given`. */
  readonly passwords?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** An environment whose config has been checked. */
export interface CheckedEnvironment {
  readonly config: EnvironmentConfig;
  readonly sources: SecretSources;
}

export type RabbitmqEnvironmentArgs = EnvironmentArgs | CheckedEnvironment;

/**
 * @throws UserError for an Output in place of a plain value
 * @throws ConfigError with every problem of the args at once
 */
export function checkedEnvironment(
  name: string,
  args: RabbitmqEnvironmentArgs,
): CheckedEnvironment {
  if ('config' in args) return args;
  const { stack = defaultStack(name), passwords = {}, ...environment } = args;
  refuseOutputs({ stack, ...environment });
  const given = Object.fromEntries(
    Object.entries(passwords).map(([user, value]) => [passwordKey(user), value]),
  );
  const held = Object.fromEntries(Object.keys(passwords).map((user) => [user, 'secret' as const]));
  const config = loadEnvironment(environment, undefined, stack, held);
  const own = readOwnAuthority(config.tls, undefined);
  return {
    config,
    sources: {
      rotation: {},
      ownAuthority: own === undefined ? undefined : { ...own, key: pulumi.secret(own.key) },
      given: (key) => {
        const value = given[key];
        // The config's own check has said so, by the user's name.
        if (value === undefined) throw new Error(`nobody gave ${key}`);
        return pulumi.secret(value);
      },
    },
  };
}

/** A program makes the same component in each of its stacks. */
function defaultStack(name: string): string {
  const stack = pulumi.getStack();
  return name === stack ? name : `${name}-${stack}`;
}

function refuseOutputs(args: object): void {
  const paths = outputPaths(args, []);
  if (paths.length === 0) return;
  throw new UserError({
    what: 'the environment is planned before the first resource is made, and a value of its args is an Output',
    value: paths.join(', '),
    allowed: 'plain values; an Output only among passwords',
    fix: "await it: (await new StackReference('network').getOutputDetails('vpcId')).value, or the invoke of a data source, e.g. await aws.ec2.getVpc(...), at the program's top level; what the same program makes has no id yet: make it in a stack of its own",
  });
}

function outputPaths(value: unknown, path: readonly string[]): string[] {
  if (pulumi.isOutput(value)) return [path.join('.')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => outputPaths(each, [...path, key]));
}
