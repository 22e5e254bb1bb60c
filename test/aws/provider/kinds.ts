import type { AnyKind } from './kind.ts';
import { addresses } from './resources/addresses.ts';
import { balancing } from './resources/balancing.ts';
import { hosts } from './resources/hosts.ts';
import { instances } from './resources/instance.ts';
import { names } from './resources/names.ts';
import { network } from './resources/network.ts';
import { rights } from './resources/rights.ts';
import { routing } from './resources/routing.ts';
import { secrets } from './resources/secrets.ts';
import { security } from './resources/security.ts';

/** Every type of resource of AWS that the kit registers; another one is an error. */
export const kinds: Readonly<Record<string, AnyKind>> = {
  ...network,
  ...routing,
  ...addresses,
  ...security,
  ...rights,
  ...secrets,
  ...hosts,
  ...instances,
  ...names,
  ...balancing,
};
