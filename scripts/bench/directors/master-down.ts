import type { EnvironmentConfig } from '../../../infra/config/schema.ts';

type Vrrp = EnvironmentConfig['lvsKeepalived']['vrrp'];

/** Milliseconds until a director takes a silent one's address: Master_Down_Interval of RFC 3768 and RFC 5798. */
export function masterDownMs({ version, advertInterval }: Vrrp, priority: number): number {
  const skewOf = version === 3 ? advertInterval : 1_000;
  return 3 * advertInterval + ((256 - priority) / 256) * skewOf;
}
