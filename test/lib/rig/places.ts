import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where stacks of tests on real hosts have all that is theirs; another TMPDIR is another place. */
export const testFolder = join(tmpdir(), 'rabbitmq-ha-kit-test');
