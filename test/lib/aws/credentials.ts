import { afterAll, beforeAll, vi } from 'vitest';

/** Has the tests of a file run with credentials that a program finds, and that nobody accepts. */
export function withCredentials(): void {
  beforeAll(() => {
    vi.stubEnv('AWS_PROFILE', undefined);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });
}
