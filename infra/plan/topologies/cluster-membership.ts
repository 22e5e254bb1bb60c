import { noContext } from '../common.ts';
import type { ClusterMemberContext, MembershipSocketContext } from '../contexts.ts';
import { onUnitFileChange, programFile, restart, templateFile } from '../files.ts';
import type { FilePlan } from '../model.ts';
import { membershipPort } from '../ports.ts';
import { foundingNodes, type TopologyFiles } from './topology.ts';

const socket = 'cluster-membership.socket';

/**
 * What brokers of a cluster tell each other before they start: whether their data has been in it.
 * @param founder it may begin alone, as the cluster's first
 */
export function clusterMembershipFiles(
  { broker, brokers, context: { nodeName, data } }: TopologyFiles,
  founder: boolean,
): FilePlan[] {
  const nodes = foundingNodes(brokers, broker);
  const socketContext: MembershipSocketContext = { data, membershipPort };
  const context: ClusterMemberContext = {
    nodeName,
    founder,
    peers: brokers
      .filter((site) => site !== broker && nodes.includes(site.nodeName))
      .map(({ fqdn }) => fqdn),
    membershipPort,
  };
  const units = 'clustered/etc/systemd/system';
  return [
    templateFile('clustered/etc/rabbitmq-ha-kit/cluster.env.hbs', context, {
      followsHosts: true,
    }),
    programFile('clustered/usr/local/lib/rabbitmq-ha-kit/cluster-membership', noContext),
    ...['cluster-membership@.service', 'rabbitmq-server.service.d/30-cluster-membership.conf'].map(
      (unit) => templateFile(`${units}/${unit}`, noContext, { onChange: onUnitFileChange }),
    ),
    templateFile(`${units}/${socket}.hbs`, socketContext, { onChange: restart(socket) }),
  ];
}
