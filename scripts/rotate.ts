import type { EnvironmentConfig } from '../infra/config/schema.ts';
import { outdated, proveCookie, unseen } from '../infra/operations/rotation.ts';
import { stoppedBrokers } from '../infra/operations/service/survey.ts';
import { expiring } from '../infra/operations/status/certificates.ts';
import type { StatusReport } from '../infra/operations/status/model.ts';
import { readStatus } from '../infra/operations/status/read.ts';
import { planEnvironment } from '../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../infra/plan/model.ts';
import { showsCertificates } from '../infra/plan/tls.ts';
import { waitFor } from '../infra/wait.ts';
import { runCommand, UsageError, UserError } from './lib/cli.ts';
import { createProgress, type Progress } from './lib/progress.ts';
import { proveEnvironment, type Proven } from './lib/prove.ts';
import { enterWorkspace } from './lib/pulumi-workspace.ts';
import { endsOutage, faultsOf, outageText, refusedRotation } from './lib/rotation-fitness.ts';
import {
  keptRotation,
  noteFinished,
  noteStep,
  type RotationKind,
  rotationToDo,
  type RotationUnderWay,
} from './lib/rotation.ts';
import { broughtNotes, broughtSecrets } from './lib/rotation-brought.ts';
import { rotationText } from './lib/rotation-text.ts';
import { notUp, openSite } from './lib/site.ts';
import { loadStack } from './lib/stack.ts';
import { findStaleLock } from './lib/stack-lock.ts';
import { prepareStack, type StackContext, stackExists, update } from './lib/stack-operations.ts';
import { wayTo } from './lib/way.ts';
import { imagesToBoot, setup } from './setup.ts';

/** A host on a busy machine answers within a second or two; this is a fault. */
const wholeDeadlineMs = 30_000;

await runCommand({
  name: 'rotate',
  summary: 'Replaces certificates, passwords or the Erlang cookie of a live environment',
  json: true,
  options: {
    certificates: { type: 'boolean', description: 'new certificates and keys on all hosts' },
    ca: {
      type: 'boolean',
      description: 'with --certificates: first make a new authority, which is only trusted so far',
    },
    'forget-ca': {
      type: 'boolean',
      description: 'with --certificates: the former authority is trusted no longer',
    },
    credentials: {
      type: 'boolean',
      description: 'new passwords of the users that the kit makes and of the statistics page',
    },
    cookie: { type: 'boolean', description: 'a new Erlang cookie' },
  },
  examples: [
    ['npm run rotate -- --certificates', 'no connection breaks; new ones see the new certificates'],
    ['npm run rotate -- --certificates --ca', 'a new authority: tell clients, rotate, forget'],
    ['npm run rotate -- --credentials', 'who reconnects needs the new password'],
  ],
  notes: [
    'Nothing restarts and no connection is cut, so that no confirmed message can get lost. Refused ' +
      'while the environment is not whole, unless certificates that have expired are what is wrong and ' +
      'what it replaces. Interrupted, it can be run again and goes on.',
    'It is an update: what else was changed in the stack file is changed too.',
    'Exit codes: 0 done, 1 failed (run it again), 2 wrong usage.',
  ],
  main: async ({ stack, options, json, takeSignals, io }) => {
    const kind = kindOf(options);
    await findStaleLock(stack);
    const config = await loadStack(stack);
    requireTls(kind, config);
    const progress = createProgress();
    const plan = planEnvironment(config);
    const { toolDir } = await setup({
      images: imagesToBoot(plan),
      progress,
    });
    const context: StackContext = { stack, toolDir, progress, takeSignals };
    if (!(await stackExists(context))) throw notUp(stack);
    const rotation = rotationToDo(kind, await keptRotation(stack), new Date());
    for (const line of broughtNotes(plan, kind)) progress.note(`rotate  ${line}`);
    if (rotation.resumed) progress.note(`rotate  goes on with what began at ${rotation.since}`);
    else await requireFit(plan, kind, progress);

    await prepareStack(context);
    const proven = await rotate(context, config, plan, rotation);
    const { status } = await progress.step('Every host has it', async () =>
      proveRotation(plan, rotation),
    );
    await noteFinished(stack);
    const { certificates, authorities } = status;
    const { outputs, probe } = proven;
    const summary = { stack, rotated: kind, ...outputs, probe, certificates, authorities };
    io.out(json ? `${JSON.stringify(summary, null, 2)}\n` : rotationText(summary));
    return 0;
  },
});

function kindOf(options: Readonly<Record<RotationKind, boolean>>): RotationKind {
  const { certificates, ca, credentials, cookie } = options;
  const forget = options['forget-ca'];
  const chosen = [certificates, credentials, cookie].filter(Boolean).length;
  if (chosen !== 1) {
    throw new UsageError({
      what: chosen === 0 ? 'nothing to rotate was named' : 'one kind of secret at a time',
      allowed: ['--certificates', '--credentials', '--cookie'],
    });
  }
  if ((ca || forget) && !certificates) {
    throw new UsageError({ what: '--ca and --forget-ca go with --certificates' });
  }
  if (ca && forget) throw new UsageError({ what: '--ca and --forget-ca exclude each other' });
  if (certificates) return ca ? 'ca' : forget ? 'forget-ca' : 'certificates';
  return credentials ? 'credentials' : 'cookie';
}

function requireTls(kind: RotationKind, { stack, tls }: EnvironmentConfig): void {
  if (tls.enabled || kind === 'credentials' || kind === 'cookie') return;
  throw new UserError({
    what: `stack ${stack} has no certificates`,
    allowed: 'a stack with tls.enabled: true',
    fix: 'see docs/tls.md',
  });
}

async function statusOf(stack: string): Promise<StatusReport> {
  const site = await openSite(stack);
  return readStatus(site, site.deadlines);
}

/**
 * A host that is down would keep what is old, and a broker more that stops meanwhile may cost a
 * majority. Where certificates have expired nobody hears brokers by TLS: their hosts tell.
 */
async function requireFit(
  plan: EnvironmentPlan,
  kind: RotationKind,
  progress: Progress,
): Promise<void> {
  const report = await statusOf(plan.stack);
  const refusal = refusedRotation(kind, report, await stoppedBrokers(await wayTo(plan)));
  if (refusal !== undefined) throw refusal;
  for (const line of expiring(report.status).expired) progress.note(`outage  ${line}`);
  if (endsOutage(kind, report)) progress.note(`outage  ${outageText}`);
}

/** One slow answer right after a change is no fault: it is asked again until the deadline. */
async function whole({ stack, hosts }: EnvironmentPlan): Promise<StatusReport> {
  const showing = hosts.filter(showsCertificates).map(({ name }) => name);
  return waitFor(
    async () => {
      const report = await statusOf(stack);
      const late = unseen(showing, report.status.certificates);
      const faults = [...faultsOf(report), ...late.map((name) => `${name} shows no certificate`)];
      return faults.length === 0 ? { done: true, value: report } : { seen: faults.join('; ') };
    },
    { subject: `${stack} to be whole again`, deadlineMs: wholeDeadlineMs, intervalMs: 500 },
  );
}

/** The updates one by one; each ends with a message that went through. */
async function rotate(
  context: StackContext,
  config: EnvironmentConfig,
  plan: EnvironmentPlan,
  rotation: RotationUnderWay,
): Promise<Proven> {
  let proven: Proven | undefined;
  for (const step of rotation.steps) {
    context.progress.note(`rotate  ${step.what}`);
    await enterWorkspace(context.stack);
    await noteStep(context.stack, rotation, step);
    proven = await proveEnvironment(context, await update(context, 'up'), config, plan);
  }
  if (proven === undefined) throw new Error(`rotation ${rotation.kind} has no steps`);
  return proven;
}

/** @throws when a live host still has what was to be replaced */
async function proveRotation(
  plan: EnvironmentPlan,
  { kind, since }: RotationUnderWay,
): Promise<StatusReport> {
  if (kind === 'cookie') {
    const brokers = plan.hosts.filter(({ roles }) => roles.includes('broker'));
    const nodes = brokers.map(({ name, labels }) => ({ host: name, node: labels['node'] ?? '' }));
    await proveCookie(await wayTo(plan), nodes, plan.clustered);
  }
  const report = await whole(plan);
  const { certificates, authorities } = report.status;
  // Nobody knows when certificates that the user brings were made.
  const dated = kind === 'certificates' && broughtSecrets(plan, kind).length === 0;
  const old = dated ? outdated(certificates, since) : [];
  if (old.length > 0) {
    throw new Error(
      `still shown: ${old.map(({ host, subject }) => `${subject} by ${host}`).join(', ')}`,
    );
  }
  if (kind === 'forget-ca' && authorities.length !== 1) {
    throw new UserError({
      what: 'there is a new authority that does not sign yet',
      value: authorities.map(({ subject }) => subject).join(', '),
      fix: 'npm run rotate -- --certificates has it sign; then forget the former one',
    });
  }
  return report;
}
