import type { EnvironmentConfig } from '../../config/schema.ts';
import type { Layout } from '../addressing.ts';
import { noContext } from '../common.ts';
import { onUnitFileChange, programFile, templateFile } from '../files.ts';
import type { FilePlan, HostPlan, Release, VirtualAddress, VolumePlan } from '../model.ts';
import { operatorSources } from './flows.ts';
import { lateFilesParameter, lateProgramsParameter, parameterOf, regionOf } from './plan.ts';

/** Context of `aws/etc/rabbitmq-ha-kit/target.env.hbs`. */
type TargetContext = {
  readonly release: string;
  readonly region: string;
  /** `secret=parameter`, and that of the files that come beside user-data */
  readonly parameters: readonly string[];
  /** `volume=mount point`; none where the host's own units use the disk as it is */
  readonly volumes: readonly string[];
  /** Both empty on hosts that never hold the virtual address. */
  readonly mechanism: string;
  readonly virtualAddress: string;
  /** Address of the other host that may hold it; empty as above. */
  readonly peer: string;
  readonly givesWay: boolean;
};

/** Context of `aws/etc/ssh/sshd_config.d/60-rabbitmq-ha-kit.conf.hbs`; addresses and networks. */
type OperatorsContext = { readonly operators: readonly string[] };

/** OpenSSH 9.2 would not start with an option that it does not know. */
const punishingSshd: readonly Release[] = ['trixie'];

/** The same hosts with the files of `templates/aws/`, which only hosts on EC2 have. */
export function onAws(
  config: EnvironmentConfig,
  layout: Layout,
  hosts: readonly HostPlan[],
  virtualAddresses: readonly VirtualAddress[],
): readonly HostPlan[] {
  if (config.target !== 'aws') return hosts;
  const operators = operatorSources(config, layout);
  return hosts.map((host) => {
    const held = virtualAddresses.find(
      ({ movedBy, holders }) => movedBy === 'keepalived' && holders.includes(host.name),
    );
    return {
      ...host,
      files: [...host.files, ...filesOf(config, host, hosts, held), ...loginFiles(host, operators)],
    };
  });
}

function filesOf(
  config: EnvironmentConfig,
  { name, release, roles, secrets, volumes, files }: HostPlan,
  hosts: readonly HostPlan[],
  held: VirtualAddress | undefined,
): FilePlan[] {
  const programs = lateProgramsParameter(config, { name, files });
  const peer = held?.holders.find((holder) => holder !== name);
  const context: TargetContext = {
    release,
    region: regionOf(config),
    parameters: [
      ...secrets.map((secret) => `${secret}=${parameterOf(config, secret).name}`),
      `late-files=${lateFilesParameter(config, name)}`,
      ...(programs === undefined ? [] : [`late-programs=${programs}`]),
    ],
    volumes: volumes.map((volume) => `${volume.name}=${volume.mount ?? ''}`),
    mechanism: held?.mechanism ?? '',
    virtualAddress: held?.address ?? '',
    peer: hosts.find((host) => host.name === peer)?.address ?? '',
    givesWay: held !== undefined && held.holders[0] !== name,
  };
  return [
    templateFile('aws/etc/rabbitmq-ha-kit/target.env.hbs', context),
    templateFile('aws/etc/apt/apt.conf.d/80-rabbitmq-ha-kit', noContext),
    templateFile('aws/etc/chrony/sources.d/rabbitmq-ha-kit.sources', noContext),
    templateFile('aws/etc/systemd/timesyncd.conf.d/rabbitmq-ha-kit.conf', noContext),
    ...['metadata', 'boot.d/05-release', 'boot.d/07-time'].map(program),
    ...parameterFiles,
    ...(roles.includes('broker') ? [program('parameter-hash')] : []),
    ...volumeFiles(volumes),
    ...(held === undefined ? [] : virtualAddressFiles),
  ];
}

/** What lets operators in although logins of others have failed. */
function loginFiles({ release }: HostPlan, operators: readonly string[]): FilePlan[] {
  if (operators.length === 0 || !punishingSshd.includes(release)) return [];
  const context: OperatorsContext = { operators };
  return [
    templateFile('aws/etc/ssh/sshd_config.d/60-rabbitmq-ha-kit.conf.hbs', context),
    program('boot.d/08-ssh'),
  ];
}

const program = (name: string): FilePlan =>
  programFile(`aws/usr/local/lib/rabbitmq-ha-kit/${name}`, noContext);

const unitFile = (name: string): FilePlan =>
  templateFile(`aws/etc/systemd/system/${name}`, noContext, { onChange: onUnitFileChange });

const parameterFiles: readonly FilePlan[] = [
  program('fetch-secrets'),
  program('late-files'),
  unitFile('rabbitmq-ha-kit-secrets.service.d/10-fetch.conf'),
];

/** A host mounts its volumes, or its own units use them as they are. */
function volumeFiles(volumes: readonly VolumePlan[]): FilePlan[] {
  if (volumes.length === 0) return [];
  const raw = volumes.every(({ mount }) => mount === undefined);
  const context = raw
    ? { program: 'link-volumes', state: 'named' }
    : { program: 'mount-volumes', state: 'mounted' };
  return [
    program(context.program),
    program('boot.d/12-volumes'),
    templateFile('aws/etc/systemd/system/rabbitmq-ha-kit-volumes.service.hbs', context, {
      onChange: onUnitFileChange,
    }),
    ...volumes.map(volumeFile),
  ];
}

const volumeFile = ({ mount, unit }: VolumePlan): FilePlan =>
  templateFile(
    'aws/etc/systemd/system/volume.conf.hbs',
    { mount: mount ?? '' },
    {
      path: `/etc/systemd/system/${unit}.d/05-rabbitmq-ha-kit-volume.conf`,
      onChange: onUnitFileChange,
    },
  );

const virtualAddressFiles: readonly FilePlan[] = [
  program('move-virtual-address'),
  unitFile('keepalived.service.d/20-virtual-address.conf'),
  unitFile('virtual-address.service'),
  unitFile('virtual-address.timer'),
];
