import type { EnvironmentConfig } from '../config/schema.ts';
import type { FirewallContext, HostContext } from './contexts.ts';
import { onUnitFileChange, programFile, reload, restart, templateFile } from './files.ts';
import type { FilePlan } from './model.ts';

/** Packages that the tools of every host need. */
const commonPackages = ['cloud-init', 'nftables'] as const;
/** What the programs of `templates/aws/` call; Debian's images for EC2 have some of it. */
const awsPackages = ['awscli', 'curl', 'iputils-ping', 'jq'] as const;

/** Packages of a host by its target and roles, each once. */
export const packagesOf = (
  { target, aws }: EnvironmentConfig,
  own: readonly string[],
): readonly string[] => [
  ...new Set([
    ...commonPackages,
    ...own,
    ...(target === 'aws' ? [...awsPackages, ...aws.packages] : []),
  ]),
];

/** Units of every host, before those of its roles. */
export const commonUnits = ['nftables.service'] as const;

/** What every host knows of the environment that it is in. */
export const environmentFacts = ({
  stack,
  topology,
  frontEnd,
  domain,
}: EnvironmentConfig): Pick<HostContext, 'stack' | 'topology' | 'frontEnd' | 'domain'> => ({
  stack,
  topology,
  frontEnd,
  domain,
});

/** Files of `templates/common/`: what every host has. */
export const commonFiles = (host: HostContext, firewall: FirewallContext): FilePlan[] => [
  templateFile('common/etc/hosts.hbs', host, { followsHosts: true }),
  templateFile('common/etc/nftables.conf.hbs', firewall, {
    followsHosts: true,
    onChange: reload('nftables.service'),
  }),
  templateFile('common/etc/rabbitmq-ha-kit/host.env.hbs', host),
  templateFile('common/etc/sysctl.d/60-rabbitmq-ha-kit.conf', noContext, {
    onChange: restart('systemd-sysctl.service'),
  }),
  templateFile('common/etc/systemd/journald.conf.d/rabbitmq-ha-kit.conf', noContext, {
    onChange: restart('systemd-journald.service'),
  }),
  templateFile('common/etc/systemd/system/rabbitmq-ha-kit-secrets.service', noContext, {
    onChange: onUnitFileChange,
  }),
  ...programs.map((program) =>
    programFile(`common/usr/local/lib/rabbitmq-ha-kit/${program}`, noContext),
  ),
];

/** One object for all files without a context: rendered once for all hosts. */
export const noContext: FilePlan['context'] = {};

const programs = [
  'boot',
  'boot.d/10-packages',
  'boot.d/15-enable',
  'boot.d/20-secrets',
  'boot.d/30-system',
  'boot.d/90-start',
  'secrets',
] as const;
