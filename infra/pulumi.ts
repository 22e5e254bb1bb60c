/**
 * The part of Pulumi's SDK that this program needs, from modules that the SDK's own start has loaded
 * anyway. The SDK's index would add the automation API and npm's dependency resolver behind it: 0.3 s
 * on every run.
 */
export { Config } from '@pulumi/pulumi/config.js';
export { getStack } from '@pulumi/pulumi/metadata.js';
export { all, type Input, type Output, secret } from '@pulumi/pulumi/output.js';
export {
  ComponentResource,
  type ComponentResourceOptions,
  CustomResource,
  type CustomResourceOptions,
  type Resource,
} from '@pulumi/pulumi/resource.js';
