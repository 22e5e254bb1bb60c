/** Set-up: everything that an environment needs on this machine, made where it is missing. */
import { setTimeout as pause } from 'node:timers/promises';

import { cacheDir, disksDir } from '../../infra/paths.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { rigImages } from '../../infra/rig/host-kinds.ts';
import {
  ensureImage,
  imageCatalogue,
  imageFor,
  rigHostsExist,
} from '../../infra/rig-provider/images/index.ts';
import type { BuiltImage, RigImageName } from '../../infra/rig-provider/images/index.ts';
import { inspectImage } from '../../infra/rig-provider/images/store.ts';
import {
  installPackages,
  machinePackages,
  ownRepositories,
  updatePackageLists,
} from './debian-packages.ts';
import {
  availableMemory,
  fileSystemOf,
  missingAbilities,
  missingPackages,
  readOsRelease,
} from './machine.ts';
import type { OsRelease } from './machine.ts';
import { ensurePassphrase, lostPassphrase, passphraseState } from './passphrase.ts';
import { judge, requireNoProblems } from './preflight.ts';
import type { Facts } from './preflight.ts';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { ensurePulumi, findPulumi } from './pulumi-cli.ts';
import type { PulumiCli } from './pulumi-cli.ts';

export interface SetupRequest {
  /**
   * Base images that must be there; true stands for all of the catalogue. `elsewhere`: no host of the
   * environment is on this machine, which then needs neither root nor the rig's packages and abilities.
   */
  readonly images: boolean | readonly RigImageName[] | 'elsewhere';
  readonly progress?: Progress;
  /**
   * `full` tries the kernel's abilities and looks at every file of an image; `quick`, for commands
   * that run often, trusts an earlier set-up where everything is in place.
   */
  readonly check?: 'quick' | 'full';
}

export interface SetupResult {
  /** Folder of `pulumi` and its language host. */
  readonly toolDir: string;
  readonly pulumi: PulumiCli;
  readonly images: Readonly<Partial<Record<RigImageName, BuiltImage>>>;
}

/** What is still to be made, found without changing anything. */
export interface Missing {
  /** Whether hosts are to be on this machine. */
  readonly hosts: boolean;
  readonly os: OsRelease;
  readonly packages: readonly string[];
  readonly images: readonly RigImageName[];
  readonly pulumi: PulumiCli | undefined;
}

/** Bytes of the cache while each piece is being made. */
const needs = { image: 1024 ** 3, machineImage: 2 * 1024 ** 3, pulumi: 4.5 * 1024 ** 3 };

/**
 * Brings this machine to where `up` can start; says nothing where nothing is missing.
 * @throws PreflightError with all problems before the first change; UserError when a step fails.
 */
export async function setup(request: SetupRequest): Promise<SetupResult> {
  const { progress = createProgress(), check = 'quick' } = request;
  const elsewhere = request.images === 'elsewhere';
  const wanted = elsewhere ? [] : namesOf(request.images);
  const missing = await findMissing(wanted, check, !elsewhere);
  const anything = missing.packages.length > 0 || missing.images.length > 0 || !missing.pulumi;
  const tryAbilities = !elsewhere && (anything || check === 'full');
  await preflight(missing, tryAbilities, progress);
  if (missing.packages.length > 0) {
    const title = `Installing Debian packages: ${missing.packages.join(' ')}`;
    await progress.step(title, (say) => installPackages(missing.packages, say));
    // What could not be tried without them.
    await preflight({ ...missing, packages: [] }, true, progress);
  }
  const pulumi =
    missing.pulumi ??
    (await progress.step('Fetching the Pulumi CLI', ensurePulumi, {
      result: ({ version, source }) => (source === 'go' ? `${version}, built with Go` : version),
    }));
  const images: Partial<Record<RigImageName, BuiltImage>> = {};
  for (const name of wanted) {
    images[name] = missing.images.includes(name)
      ? await progress.step(`Building the base image ${name}`, (say) => ensureImage(name, say))
      : await ensureImage(name, () => undefined, 'quick');
  }
  await ensurePassphrase();
  return { toolDir: pulumi.dir, pulumi, images };
}

/** What `up` boots on this machine. */
export const imagesToBoot = (plan: EnvironmentPlan): SetupRequest['images'] =>
  plan.target === 'rig' ? rigImages(plan) : 'elsewhere';

function namesOf(images: Exclude<SetupRequest['images'], 'elsewhere'>): readonly RigImageName[] {
  if (typeof images !== 'boolean') return images;
  return images ? containerImages : [];
}

/** Images of every release that stacks can have; those of machines only where one is named. */
export const containerImages = Object.values(imageCatalogue)
  .filter(({ forTests, machine }) => forTests !== true && machine !== true)
  .map(({ name }) => name);

const isForMachines = (name: RigImageName): boolean => imageFor(name).machine === true;

export async function findMissing(
  images: readonly RigImageName[],
  check: 'quick' | 'full',
  hosts = true,
): Promise<Missing> {
  const os = readOsRelease();
  const [packages, pulumi] = await Promise.all([
    hosts ? missingPackages(machinePackages(os, images.some(isForMachines))) : [],
    findPulumi(),
  ]);
  const isMissing = (name: RigImageName): boolean =>
    inspectImage(imageFor(name), check).state !== 'good';
  return { hosts, os, packages, pulumi, images: images.filter(isMissing) };
}

async function preflight(
  missing: Missing,
  tryAbilities: boolean,
  progress: Progress,
): Promise<void> {
  const uid = process.getuid?.() ?? -1;
  const canTry = tryAbilities && uid === 0 && missing.packages.length === 0;
  const needsMirror = missing.packages.length > 0 || missing.images.length > 0;
  const before: Facts = {
    hosts: missing.hosts,
    uid,
    os: missing.os,
    cache: fileSystemOf(cacheDir),
    disks: fileSystemOf(disksDir),
    availableMemory: availableMemory(),
    // Only root may look, and without root nothing else matters.
    hostsExist: uid === 0 && rigHostsExist(),
    toMake: toMake(missing),
    missingAbilities: canTry ? await missingAbilities(disksDir) : undefined,
    mirrorProblem: undefined,
  };
  const mirrorProblem =
    needsMirror && uid === 0 && missing.os.id !== ''
      ? await progress.step('Asking the Debian package mirrors', () => askMirrors(missing.os))
      : undefined;
  const problems = judge({ ...before, mirrorProblem });
  if (passphraseState() === 'lost') problems.push(lostPassphrase().parts);
  requireNoProblems(problems);
}

function toMake(missing: Missing): Record<string, number> {
  const pieces = missing.images.map(
    (name) => [`image ${name}`, needs[isForMachines(name) ? 'machineImage' : 'image']] as const,
  );
  return Object.fromEntries([
    ...pieces,
    ...(missing.pulumi === undefined ? [['Pulumi CLI', needs.pulumi] as const] : []),
  ]);
}

/** Once more after a pause before it is called a problem: mirrors have hiccups. */
async function askMirrors(os: OsRelease): Promise<string | undefined> {
  const own = await ownRepositories(os);
  const isOurs = (uri: string): boolean => own.some((repository) => uri.startsWith(repository));
  const problem = await updatePackageLists(isOurs);
  if (problem === undefined) return undefined;
  await pause(2000);
  return updatePackageLists(isOurs);
}
