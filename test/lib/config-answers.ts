import type { PasswordsInConfig } from '../../infra/config/definitions/passwords.ts';
import { loadEnvironment } from '../../infra/config/load.ts';
import { ConfigError } from '../../infra/config/problems.ts';

/** The whole answer to a config that has problems, as people see it. @throws when it has none. */
export function answer(
  environment: unknown,
  override?: unknown,
  passwords?: PasswordsInConfig,
): string {
  try {
    loadEnvironment(environment, override, 'trial', passwords);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the config was accepted');
}

export const cluster = (rest: object): string => answer({ topology: 'quorum-cluster', ...rest });
export const balancing = (rest: object): string => cluster({ haproxyKeepalived: rest });
