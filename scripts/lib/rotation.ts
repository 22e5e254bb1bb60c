import { parseRotation, type Rotation } from '../../infra/config/rotation.ts';
import { UserError } from '../../infra/errors.ts';
import { readRotation, writeRotation } from './pulumi-workspace.ts';

export const rotationKinds = ['certificates', 'ca', 'forget-ca', 'credentials', 'cookie'] as const;
export type RotationKind = (typeof rotationKinds)[number];

/** One update of the environment on the way. */
export interface RotationStep {
  /** One clause for people. */
  readonly what: string;
  readonly ask: Partial<Rotation>;
}

/** What a rotation that began at `since` asks for, update by update. Pure. */
export function stepsOf(kind: RotationKind, since: string): readonly RotationStep[] {
  switch (kind) {
    case 'certificates':
      return [
        {
          what: 'new certificates, one host after the other',
          ask: { promoteAuthority: since, certificates: since },
        },
      ];
    case 'ca':
      return [{ what: 'hosts trust a new authority as well', ask: { introduceAuthority: since } }];
    case 'forget-ca':
      return [{ what: 'hosts forget the former authority', ask: { forgetAuthority: since } }];
    case 'credentials':
      return [{ what: 'new passwords, one broker after the other', ask: { credentials: since } }];
    case 'cookie':
      return [{ what: 'a new cookie, one broker after the other', ask: { cookie: since } }];
  }
}

/** A rotation under way: begun now, or before and not finished. */
export interface RotationUnderWay {
  readonly kind: RotationKind;
  readonly since: string;
  /** Begun by an earlier run. */
  readonly resumed: boolean;
  readonly steps: readonly RotationStep[];
}

/**
 * The rotation to do now. One that was interrupted goes on from its own beginning: what it has made
 * since then is kept. Pure.
 * @throws UserError when another kind has not been finished
 */
export function rotationToDo(
  kind: RotationKind,
  { unfinished }: Pick<Rotation, 'unfinished'>,
  now: Date,
): RotationUnderWay {
  if (unfinished !== undefined && unfinished.kind !== kind) {
    throw new UserError({
      what: 'another rotation of this stack was interrupted',
      value: unfinished.kind,
      fix: `finish it first: npm run rotate -- ${optionOf(unfinished.kind)}`,
    });
  }
  const since = unfinished?.since ?? now.toISOString();
  return { kind, since, resumed: unfinished !== undefined, steps: stepsOf(kind, since) };
}

const optionOf = (kind: RotationKind): string =>
  kind === 'ca' || kind === 'forget-ca' ? `--certificates --${kind}` : `--${kind}`;

export const keptRotation = async (stack: string): Promise<Rotation> =>
  parseRotation(await readRotation(stack));

/** Notes with the stack what the next update is to ask for. */
export async function noteStep(
  stack: string,
  { kind, since }: RotationUnderWay,
  { ask }: RotationStep,
): Promise<void> {
  const kept = await keptRotation(stack);
  await writeRotation(stack, { ...kept, ...ask, unfinished: { kind, since } });
}

/** A rotation that is through leaves its moments: they ask for nothing more. */
export async function noteFinished(stack: string): Promise<void> {
  const kept = Object.entries(await keptRotation(stack)).filter(([key]) => key !== 'unfinished');
  await writeRotation(stack, Object.fromEntries(kept));
}
