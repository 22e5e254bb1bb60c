import { z } from 'zod';
import { authorityFault, chainOf, isOver } from '../../tls/inspect.ts';
import { createAuthority } from '../../tls/x509.ts';
import type { Refusal, ResourceHandler } from '../handler.ts';
import { isOlder, moment } from './moment.ts';

const pair = z.object({ certificate: z.string(), key: z.string() });
type Pair = z.infer<typeof pair>;

/** A user's own authority, with every reason to refuse it. */
const own = pair.superRefine(({ certificate, key }, context) => {
  const fault = authorityFault(certificate, key);
  if (fault === undefined) return;
  const message = `the ${fault.part} of your own authority ${fault.what}; allowed: ${fault.allowed}`;
  context.addIssue({ code: 'custom', path: [fault.part], message });
});

const authorityInputs = z.object({
  commonName: z.string().min(1).max(64),
  validDays: z.int().min(1),
  /** Taken in place of one that is made. */
  own: own.optional(),
  /**
   * An authority from before this moment gets a successor, which is trusted but does not sign yet; it
   * signs at once where nobody accepts the present one any more, because it has expired.
   */
  introduceSince: moment.optional(),
  /** A successor from before this moment signs from now on; its predecessor stays trusted. */
  promoteSince: moment.optional(),
  /** A predecessor that stopped signing before this moment is not trusted any more. */
  forgetSince: moment.optional(),
});
export type AuthorityInputs = z.infer<typeof authorityInputs>;

interface Generation extends Pair {
  /** When it was made or brought along. */
  readonly madeAt: string;
}

export interface AuthorityState extends Omit<AuthorityInputs, 'own'> {
  /** Who signs. */
  readonly signer: Generation;
  readonly successor?: Generation | undefined;
  /** Certificate alone: it signs nothing any more. */
  readonly predecessor?: { readonly certificate: string; readonly until: string } | undefined;
  /** Certificate of who signs; PEM. */
  readonly certificate: string;
  /** Every certificate that is to be trusted, who signs first; PEM. */
  readonly trusted: string;
}

type Generations = Pick<AuthorityState, 'signer' | 'successor' | 'predecessor'>;

async function newGeneration(inputs: AuthorityInputs): Promise<Generation> {
  const made = inputs.own ?? (await createAuthority(inputs.commonName, inputs.validDays));
  return { ...made, madeAt: new Date().toISOString() };
}

function stateOf(inputs: AuthorityInputs, generations: Generations): AuthorityState {
  const { commonName, validDays, introduceSince, promoteSince, forgetSince } = inputs;
  const { signer, successor, predecessor } = generations;
  const all = [signer, successor, predecessor].flatMap((each) => each?.certificate ?? []);
  return {
    ...{ commonName, validDays, introduceSince, promoteSince, forgetSince },
    ...generations,
    certificate: signer.certificate,
    trusted: [...new Set(all.map((text) => `${text.trim()}\n`))].join(''),
  };
}

/** Names of the inputs that ask for a step which has not been taken. */
function stepsDue(state: Generations, inputs: AuthorityInputs): string[] {
  const { signer, successor, predecessor } = state;
  const newest = successor ?? signer;
  const introduce = isOlder(newest.madeAt, inputs.introduceSince);
  const promote = successor !== undefined && isOlder(successor.madeAt, inputs.promoteSince);
  const forget = predecessor !== undefined && isOlder(predecessor.until, inputs.forgetSince);
  return [
    ...(introduce ? ['introduceSince'] : []),
    ...(promote ? ['promoteSince'] : []),
    ...(forget ? ['forgetSince'] : []),
  ];
}

async function advance(state: Generations, inputs: AuthorityInputs): Promise<Generations> {
  const due = stepsDue(state, inputs);
  let { signer, successor, predecessor } = state;
  if (due.includes('forgetSince')) predecessor = undefined;
  if (due.includes('promoteSince') && successor !== undefined) {
    predecessor = hasExpired(signer)
      ? undefined
      : { certificate: signer.certificate, until: new Date().toISOString() };
    signer = successor;
    successor = undefined;
  }
  if (!due.includes('introduceSince')) return { signer, successor, predecessor };
  const made = await newGeneration(inputs);
  return hasExpired(signer)
    ? { signer: made, successor: undefined, predecessor: undefined }
    : { signer, successor: made, predecessor };
}

/** Itself, or one above it. */
const hasExpired = ({ certificate }: Generation): boolean =>
  chainOf(certificate).some((each) => isOver(each));

const fingerprint = (certificate: string | undefined): string | undefined =>
  certificate === undefined ? undefined : chainOf(certificate)[0]?.fingerprint256;

/** A live environment gets to another authority by the steps of a rotation, not at one blow. */
function refusedExchange(before: AuthorityInputs, next: AuthorityInputs): Refusal[] {
  const same = fingerprint(before.own?.certificate) === fingerprint(next.own?.certificate);
  if (same || isOlder(before.introduceSince, next.introduceSince)) return [];
  return [
    {
      property: 'own',
      reason:
        'the authority of an environment that exists cannot be exchanged at one blow: hosts and ' +
        'clients must trust the new one first; fix: npm run rotate -- --certificates --ca',
    },
  ];
}

/** Who signs an environment's certificates, and whom its hosts and clients trust. */
export const authority: ResourceHandler<AuthorityInputs, AuthorityState> = {
  inputs: authorityInputs,
  secrets: ['signer', 'successor'],
  admit: (before, next) => Promise.resolve(refusedExchange(before, next)),
  diff: (_id, state, inputs) => ({ updates: stepsDue(state, inputs), replaces: [] }),
  create: async (inputs, name) => ({
    id: name,
    state: stateOf(inputs, { signer: await newGeneration(inputs) }),
  }),
  read: (_id, state) => Promise.resolve(state),
  update: async (_id, state, inputs) => stateOf(inputs, await advance(state, inputs)),
  delete: () => Promise.resolve(),
};
