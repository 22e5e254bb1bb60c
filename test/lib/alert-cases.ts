import type { AlertCase } from './alert-cases/alert-case.ts';
import { frontEndCases } from './alert-cases/front-end.ts';
import { hostCases } from './alert-cases/hosts.ts';
import { rabbitmqCases } from './alert-cases/rabbitmq.ts';

export type { AlertCase } from './alert-cases/alert-case.ts';

/** A case for each alert, by the file of its rule. */
export const alertCases: readonly AlertCase[] = [...rabbitmqCases, ...frontEndCases, ...hostCases];
