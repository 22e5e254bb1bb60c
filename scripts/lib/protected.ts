import { UserError } from '../../infra/errors.ts';

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
  const { checkpoint, deployment } = JSON.parse(state) as State;
  const resources = checkpoint?.latest?.resources ?? deployment?.resources ?? [];
  const held = resources.filter(({ protect }) => protect === true);
  if (held.length === 0) return;
  throw new UserError({
    what: `stack ${stack} is no test rig: what holds its data is protected, and nothing was changed`,
    value: held
      .map(({ urn, id }) => `${urn.split('::').at(-1) ?? ''} (${id ?? 'not made'})`)
      .join(', '),
    allowed: [
      `to give up the data too: aws.testRig: true in the stack file, npm run up -- --stack ${stack}, then down again`,
      `to keep the disks and their key, and lose everything else: npm run pulumi -- --stack ${stack} destroy --exclude-protected; a later up makes new hosts on them`,
    ],
    fix: 'choose one of them',
  });
}
