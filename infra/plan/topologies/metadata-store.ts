import type { QuorumClusterContext } from '../contexts.ts';
import { templateFile } from '../files.ts';
import type { FilePlan } from '../model.ts';

/** Which store a broker's very first start makes; never read again, so that nothing reacts to it. */
export const metadataStoreFile = (context: Pick<QuorumClusterContext, 'metadataStore'>): FilePlan =>
  templateFile(
    'quorum-cluster/etc/systemd/system/rabbitmq-server.service.d/20-metadata-store.conf.hbs',
    context,
  );
