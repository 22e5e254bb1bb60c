import type { EnvironmentConfig } from '../../../config/schema.ts';

/** Which way packets of a connection take between client, director and broker. */
export interface Paths {
  readonly mode: 'nat' | 'tun' | 'dr';
  /** Brokers see the director as the client, and answer it wherever they are. */
  readonly sourceNat: boolean;
  /** Brokers answer clients past the director. */
  readonly directReply: boolean;
  /** Brokers answer clients by way of an address that moves with the virtual one. */
  readonly gateway: boolean;
  /** What directors tell each other keeps connections over the loss of one. */
  readonly survivable: boolean;
  readonly synchronised: boolean;
}

type Site = Pick<EnvironmentConfig, 'target' | 'lvsKeepalived'>;

export function pathsOf({ target, lvsKeepalived }: Site): Paths {
  const { mode, synchronisation } = lvsKeepalived;
  const sourceNat = mode === 'nat' && lvsKeepalived.sourceNat !== false;
  // The kernel's translation of sources is not told to the other director, and the networks of EC2
  // carry no multicast, by which directors tell.
  const survivable = !sourceNat && target === 'rig';
  return {
    mode,
    sourceNat,
    directReply: mode !== 'nat',
    gateway: mode === 'nat' && !sourceNat,
    survivable,
    synchronised: survivable && synchronisation !== false,
  };
}
