import type { z } from 'zod';
import { loadEnvironment } from '../config/load.ts';
import { passwordKey } from '../config/definitions/passwords.ts';
import type { environmentSchema, EnvironmentConfig } from '../config/schema.ts';
import * as pulumi from '../pulumi.ts';
import { readOwnAuthority } from '../tls/own-authority.ts';
import type { SecretSources } from './secrets.ts';

type EnvironmentInput = z.input<typeof environmentSchema>;

/**
 * An environment as a program states it: what a stack file of the kit holds under
 * `rabbitmq-ha-kit:environment` (docs/config.md has every field), and what such a file must not hold.
 */
export interface EnvironmentArgs extends Omit<EnvironmentInput, 'domain'> {
  readonly domain?: string;
  /** Begins the names of all its resources; the component's name unless stated. */
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

/** @throws ConfigError with every problem of the args at once */
export function checkedEnvironment(
  name: string,
  args: RabbitmqEnvironmentArgs,
): CheckedEnvironment {
  if ('config' in args) return args;
  const { stack = name, passwords = {}, ...environment } = args;
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
