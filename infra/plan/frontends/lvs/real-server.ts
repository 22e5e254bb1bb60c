import { noContext } from '../../common.ts';
import { onUnitFileChange, programFile, templateFile } from '../../files.ts';
import { listenersOf } from '../../listeners.ts';
import type { Reaction } from '../../model.ts';
import type { FrontEndSite, RealServer } from '../front-end.ts';
import type { RealServerContext } from './contexts.ts';
import { type Paths, pathsOf } from './paths.ts';

const unit = 'real-server.service';

/** What makes brokers answer for the virtual address; nothing where the director is their client. */
export function realServer({ config, layout }: FrontEndSite): RealServer {
  const mode = modeOf(pathsOf(config));
  if (mode === undefined) return { files: [], units: [], kernelModules: [] };
  const context: RealServerContext = {
    mode,
    virtualAddress: layout.virtualAddress,
    gatewayAddress: mode === 'gateway' ? layout.gatewayAddress : '',
    ports: listenersOf(config.tls).map(({ port }) => port),
    neighbours: [...layout.ranges.balancer, ...layout.ranges.broker],
  };
  return {
    files: [
      templateFile(`real-server/etc/systemd/system/${unit}`, noContext, {
        onChange: onUnitFileChange,
      }),
      programFile('real-server/usr/local/lib/rabbitmq-ha-kit/real-server', noContext),
      templateFile('real-server/etc/rabbitmq-ha-kit/real-server.env.hbs', context, {
        onChange: takeUp,
      }),
    ],
    units: [unit],
    kernelModules: mode === 'tun' ? ['ipip'] : [],
  };
}

function modeOf({ mode, gateway }: Paths): RealServerContext['mode'] | undefined {
  if (gateway) return 'gateway';
  return mode === 'nat' ? undefined : mode;
}

/**
 * Only a first boot enables units: a live broker that becomes a real server starts it here, and one that
 * is none any more undoes what it did, by what it noted, as its files are gone by then.
 */
const takeUp: Reaction = [
  'sh',
  '-c',
  `set -eu
unit=${unit}
if [ -e "/etc/systemd/system/$unit" ]; then
  systemctl daemon-reload
  systemctl enable --quiet "$unit"
  systemctl restart "$unit"
else
  systemctl stop "$unit" || :
  rm -f "/etc/systemd/system/multi-user.target.wants/$unit"
  systemctl daemon-reload
fi`,
];
