import { brokerAccess, brokerEndpoints } from './broker-endpoints.ts';
import type { FrontEnd } from './front-end.ts';

/** Nothing stands in between: clients hold the address of every broker and choose themselves. */
export const direct: FrontEnd = {
  ranges: () => [],
  names: () => [],
  hosts: () => [],
  flows: brokerAccess,
  secrets: () => [],
  endpoints: brokerEndpoints,
  virtualAddresses: () => [],
};
