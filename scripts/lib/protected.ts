import { UserError } from '../../infra/errors.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly protect?: boolean;
}

interface State {
  /** As the file backend keeps it. */
  readonly checkpoint?: { readonly latest?: { readonly resources?: readonly Resource[] } };
  /** As `pulumi stack export` prints it. */
  readonly deployment?: { readonly resources?: readonly Resource[] };
}

/**
 * Pulumi itself would take every host away before it came to what is protected.
 * @param state JSON of the stack, as either of the above
 * @throws UserError where something in it is protected
 */
export function refuseProtected(stack: string, state: string): void {
  const held = protectedIn(state);
  if (held.length === 0) return;
  throw new UserError({
    what: `stack ${stack} is no test rig: what holds its data is protected, and nothing was changed`,
    value: shown(held),
    allowed: [
      `to give up the data too: aws.testRig: true in the stack file, npm run up -- --stack ${stack}, then down again`,
      `to keep the disks and their key, and lose everything else: npm run pulumi -- --stack ${stack} destroy --exclude-protected; a later up makes new hosts on them`,
    ],
    fix: 'choose one of them',
  });
}

/**
 * Brokers would have left their cluster before Pulumi came to disks that it may not take away: they
 * would be half gone. Where Pulumi makes a preview first, that stops by itself.
 * @param state as above
 * @throws UserError where a disk of a host that the plan has no more is protected
 */
export function refuseProtectedRemoval(
  { stack, hosts }: Pick<EnvironmentPlan, 'stack' | 'hosts'>,
  state: string,
): void {
  const planned = hosts.flatMap(({ volumes }) => volumes.map(({ name }) => `${stack}-${name}`));
  const held = protectedIn(state).filter(
    ({ type, urn }) => type === 'aws:ebs/volume:Volume' && !planned.includes(nameIn(urn)),
  );
  if (held.length === 0) return;
  throw new UserError({
    what: `disks of hosts that would go are protected: ${stack} is no test rig, and nothing was changed`,
    value: shown(held),
    allowed: [
      'hosts as they are',
      ...held.map(({ urn }) => `npm run pulumi -- --stack ${stack} state unprotect --yes '${urn}'`),
    ],
    fix:
      'run these, then up again: it moves to the others what brokers hold before their disks go; ' +
      'aws ec2 create-snapshot --volume-id ID keeps a disk as it was',
  });
}

function protectedIn(state: string): Resource[] {
  const { checkpoint, deployment } = JSON.parse(state) as State;
  const resources = checkpoint?.latest?.resources ?? deployment?.resources ?? [];
  return resources.filter(({ protect }) => protect === true);
}

const nameIn = (urn: string): string => urn.split('::').at(-1) ?? '';

const shown = (resources: readonly Resource[]): string =>
  resources.map(({ urn, id }) => `${nameIn(urn)} (${id ?? 'not made'})`).join(', ');
