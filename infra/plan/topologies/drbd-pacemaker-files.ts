import { noContext } from '../common.ts';
import { onUnitFileChange, programFile, restart, templateFile } from '../files.ts';
import type { FilePlan } from '../model.ts';
import type { DrbdPacemakerContext } from './drbd-pacemaker-context.ts';
import { metadataStoreFile } from './metadata-store.ts';
import { oneMemberFiles } from './one-member.ts';
import type { TopologyFiles } from './topology.ts';

const folder = 'drbd-pacemaker';
const programs = `${folder}/usr/local/lib/rabbitmq-ha-kit`;
const units = `${folder}/etc/systemd/system`;

/** Run by units of the cluster, which start after the host has its secrets. */
const waiting = (files: readonly FilePlan[]): FilePlan[] =>
  files.map((file) => ({ ...file, canWait: true }));

const program = (name: string): FilePlan => programFile(`${programs}/${name}`, noContext);

/** Files of `templates/drbd-pacemaker/` for one of the hosts that share a broker. */
export const clusterFiles = (context: DrbdPacemakerContext, input: TopologyFiles): FilePlan[] => [
  metadataStoreFile(context),
  ...oneMemberFiles(context),
  templateFile(`${folder}/etc/drbd.conf`, noContext),
  templateFile(`${folder}/etc/drbd.d/global_common.conf`, noContext),
  ...unitFiles(context),
  ...settings(context),
  ...waiting(programsOf(context)),
  ...(input.config.target === 'aws' ? awsFiles(context) : []),
];

const settings = (context: DrbdPacemakerContext): FilePlan[] => [
  templateFile(`${folder}/etc/corosync/corosync.conf.hbs`, context, {
    followsHosts: true,
    // It has every host read its own file: the last one that has a new file tells all.
    onChange: ['corosync-cfgtool', '-R'],
  }),
  templateFile(`${folder}/etc/drbd.d/rabbitmq.res.hbs`, context, {
    followsHosts: true,
    onChange: ['drbdadm', 'adjust', 'rabbitmq'],
  }),
  templateFile(`${folder}/etc/rabbitmq-ha-kit/drbd.env.hbs`, context, { followsHosts: true }),
  templateFile(`${folder}/etc/rabbitmq-ha-kit/cluster.xml.hbs`, context, {
    followsHosts: true,
    onChange: restart('cluster-load.service'),
  }),
];

const unitFiles = (context: DrbdPacemakerContext): FilePlan[] => [
  ...[
    'broker-watch.service',
    'cluster-load.service',
    'cluster-secrets.service',
    'corosync.service.d/10-rabbitmq-ha-kit.conf',
    'pacemaker.service.d/10-rabbitmq-ha-kit.conf',
    'replicated-store.service',
  ].map((unit) => templateFile(`${units}/${unit}`, noContext, { onChange: onUnitFileChange })),
  templateFile(`${units}/rabbitmq-server.service.d/30-cluster.conf.hbs`, context, {
    onChange: onUnitFileChange,
  }),
];

const sbin = (name: string): FilePlan => programFile(`${folder}/usr/local/sbin/${name}`, noContext);

const programsOf = ({ fencing, power: { agent } }: DrbdPacemakerContext): FilePlan[] => [
  ...[
    'broker-watch',
    'cluster-begin',
    'cluster-load',
    'cluster-renew',
    'cluster-secrets',
    'fence-peer',
    'first-start',
    'replicated-store',
  ].map(program),
  ...['broker-restart', 'cluster-status'].map(sbin),
  ...(fencing ? [programFile(`${folder}/usr/sbin/${agent}`, noContext)] : []),
];

/** What only hosts on EC2 have: packages are installed there, and addresses move by its API. */
const awsFiles = ({ moving: { overlay } }: DrbdPacemakerContext): FilePlan[] => [
  ...['boot.d/09-cluster', 'boot.d/14-cluster'].map(program),
  ...(overlay ? [program('boot.d/14-keep-address')] : []),
  ...waiting([program('cluster-aws'), ...(overlay ? [program('cluster-facts')] : [])]),
];
