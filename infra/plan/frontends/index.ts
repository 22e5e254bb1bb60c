import type { FrontEndName } from '../../config/names.ts';
import { direct } from './direct.ts';
import { external } from './external.ts';
import type { FrontEnd } from './front-end.ts';
import { haproxyKeepalived } from './haproxy-keepalived.ts';
import { lvsKeepalived } from './lvs-keepalived.ts';
import { nlb } from './nlb.ts';
import { pacemakerVip } from './pacemaker-vip.ts';

/** Every front end by its name in the config; a new one is added here and in config/names.ts. */
export const frontEndModules: Readonly<Record<FrontEndName, FrontEnd>> = {
  'haproxy-keepalived': haproxyKeepalived,
  'lvs-keepalived': lvsKeepalived,
  direct,
  external,
  nlb,
  'pacemaker-vip': pacemakerVip,
};
