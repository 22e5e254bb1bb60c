import { z } from 'zod';
import { duration } from './units.ts';

const count = (min: number, max: number) => z.int().min(min).max(max);

/** What two hosts of any front end agree on to pass addresses between them. */
export const vrrpFields = () => ({
  version: z.literal([2, 3]),
  advertInterval: duration({ min: '50ms', max: '40s' }),
  routerId: count(1, 255),
  preempt: z.boolean(),
  priorities: z.strictObject({ first: count(1, 254), second: count(1, 254) }),
  passwordAuthentication: z.boolean(),
});
