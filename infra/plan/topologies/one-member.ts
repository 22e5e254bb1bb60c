import type { BrokerContext } from '../contexts.ts';
import { noContext } from '../common.ts';
import { onUnitFileChange, templateFile } from '../files.ts';
import type { FilePlan } from '../model.ts';

/** For brokers whose queues have one member: what it forgets nobody else knows. */
export const oneMemberFiles = (context: BrokerContext): FilePlan[] => [
  templateFile('one-member/usr/local/lib/rabbitmq-ha-kit/one-member.eval.hbs', context),
  templateFile(
    'one-member/etc/systemd/system/rabbitmq-server.service.d/40-one-member.conf',
    noContext,
    { onChange: onUnitFileChange },
  ),
];
