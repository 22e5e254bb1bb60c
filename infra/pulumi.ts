/**
 * The part of Pulumi's SDK that this program needs, from modules that the SDK's own start has loaded
 * anyway. The SDK's index would add the automation API and npm's dependency resolver behind it: 0.3 s
 * on every run.
 */
import { Output } from '@pulumi/pulumi/output.js';
import * as config from '@pulumi/pulumi/runtime/config.js';

export { Config } from '@pulumi/pulumi/config.js';
export { RunError } from '@pulumi/pulumi/errors.js';
export { allConfig } from '@pulumi/pulumi/runtime/config.js';
export { getStack } from '@pulumi/pulumi/metadata.js';
export { all, type Input, type Output, secret } from '@pulumi/pulumi/output.js';
export {
  ComponentResource,
  type ComponentResourceOptions,
  CustomResource,
  type CustomResourceOptions,
  type Resource,
} from '@pulumi/pulumi/resource.js';

// The SDK takes a stack trace for each of its some hundred promises of a run, and its source map support
// looks every frame of each up: 0.3 s of CPU. Node strips types in place, so that positions are true as
// they are.
Reflect.deleteProperty(Error, 'prepareStackTrace');

/** The SDK knows it, in a process of its own and as an inline program, but keeps it to itself. */
const { isConfigSecret: isSecret } = config as unknown as {
  readonly isConfigSecret: (key: string) => boolean;
};

/** Whether the stack's config holds the value of a key, with its namespace, encrypted. */
export const isConfigSecret = (key: string): boolean => isSecret(key);

export const isOutput = (value: unknown): boolean => Output.isInstance(value);
