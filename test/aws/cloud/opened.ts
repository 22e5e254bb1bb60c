import { type Account, accountAt } from './account.ts';
import { apiSocket } from './settings.ts';

/** For programs that stand in for those of an operator: which cloud they are about. */
export const cloudEnvironment = (cloud: string, region: string): Record<string, string> => ({
  SIMULATED_AWS_CLOUD: cloud,
  SIMULATED_AWS_SOCKET: apiSocket(cloud),
  SIMULATED_AWS_REGION: region,
});

let opened: Account | undefined;

/** The account of the cloud that this process's environment names. */
export function openedAccount(): Account {
  const socket = process.env['SIMULATED_AWS_SOCKET'];
  const region = process.env['SIMULATED_AWS_REGION'];
  if (socket === undefined || region === undefined) {
    throw new Error('SIMULATED_AWS_SOCKET and SIMULATED_AWS_REGION say which cloud this is about');
  }
  return (opened ??= accountAt(region, { socket }));
}
