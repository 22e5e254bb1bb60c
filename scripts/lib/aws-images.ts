import { UserError } from '../../infra/errors.ts';
import type { EnvironmentPlan, Release } from '../../infra/plan/model.ts';
import type { ExecResult } from '../../infra/rig-provider/exec.ts';

/** Account that Debian publishes its images from, in every region. */
const debianOwner = '136693071363';

const debianNumber: Readonly<Record<Release, number>> = { bookworm: 12, trixie: 13 };
const debianArchitecture = { arm64: 'arm64', x86_64: 'amd64' } as const;

/** What hosts of one release need of their image. */
export interface ImageNeed {
  readonly release: Release;
  readonly architecture: 'arm64' | 'x86_64';
  /** The one that the config pins; undefined while there is none. */
  readonly pinned: string | undefined;
  readonly hosts: readonly string[];
  /** Of all these hosts, in the order of their names. */
  readonly packages: readonly string[];
}

export interface Image {
  readonly id: string;
  /** E.g. `debian-13-arm64-20251006-2257`. */
  readonly name: string;
  readonly owner: string;
  readonly architecture: string;
  /** ISO 8601. */
  readonly made: string;
}

/** Runs `aws` with these arguments, as the operator. */
export type Aws = (args: readonly string[]) => Promise<ExecResult>;

/** By release, what its hosts need. @throws UserError for a stack of another target */
export function imageNeeds({ stack, target, hosts, aws }: EnvironmentPlan): ImageNeed[] {
  if (aws === undefined) {
    throw new UserError({
      what: 'the stack has no images of EC2',
      value: `${stack}, target ${target}`,
      allowed: 'a stack with target: aws',
      fix: 'npm run images -- --stack aws-quorum',
    });
  }
  return [...new Set(hosts.map(({ release }) => release))].map((release) => {
    const own = hosts.filter((host) => host.release === release);
    const instance = aws.hosts[own[0]?.name ?? ''];
    if (instance === undefined) throw new Error(`no instance is planned for ${release}`);
    return {
      release,
      architecture: instance.architecture,
      pinned: instance.image,
      hosts: own.map(({ name }) => name),
      packages: [...new Set(own.flatMap(({ packages }) => packages))].sort(),
    };
  });
}

/** The newest image of Debian itself. @throws UserError when there is none, or AWS refuses */
export async function newestImage(aws: Aws, region: string, need: ImageNeed): Promise<Image> {
  const { release, architecture } = need;
  const name = `debian-${debianNumber[release]}-${debianArchitecture[architecture]}-*`;
  const images = await describe(aws, region, [
    ...['--owners', debianOwner],
    ...['--filters', `Name=name,Values=${name}`, 'Name=state,Values=available'],
  ]);
  const [newest] = images.toSorted((a, b) => (a.made < b.made ? 1 : -1));
  if (newest !== undefined) return newest;
  throw new UserError({
    what: `Debian has no image of ${release} in this region`,
    value: `${name} in ${region}`,
    allowed: 'regions that Debian publishes to',
    fix: 'choose another region, or pin an image of your own in aws.images',
  });
}

/**
 * The pinned image. One of Debian is judged by its name, any other only by its processor: what it
 * holds is seen when it boots.
 * @throws UserError when there is no such image, or it does not fit
 */
export async function pinnedImage(
  aws: Aws,
  region: string,
  { release, architecture, pinned = '' }: ImageNeed,
): Promise<Image> {
  const path = `aws.images.${release}`;
  const [image] = await describe(aws, region, ['--image-ids', pinned]);
  if (image === undefined) {
    throw new UserError({
      what: `${path} is not there for this account`,
      value: `${pinned} in ${region}`,
      allowed: 'an image that is public, or shared with the account',
      fix: 'npm run images -- --renew, or name another one',
    });
  }
  const debian = `debian-${debianNumber[release]}-`;
  const wrong =
    image.owner === debianOwner && !image.name.startsWith(debian)
      ? { what: `${path} is an image of another release`, allowed: `${debian}...` }
      : image.architecture !== architecture
        ? { what: `${path} is for another processor`, allowed: architecture }
        : undefined;
  if (wrong === undefined) return image;
  throw new UserError({
    ...wrong,
    value: `${pinned}: ${image.name}, ${image.architecture}`,
    fix: 'npm run images -- --renew, or name another one',
  });
}

const query =
  'Images[].{id: ImageId, name: Name, owner: OwnerId, architecture: Architecture, made: CreationDate}';

async function describe(aws: Aws, region: string, which: readonly string[]): Promise<Image[]> {
  const args = ['ec2', 'describe-images', '--region', region, ...which, '--query', query];
  const { code, stdout, stderr } = await aws([...args, '--output', 'json']);
  if (code === 0) return JSON.parse(stdout) as Image[];
  throw new UserError({
    what: 'AWS did not say which images there are',
    value: stderr.trim(),
    allowed: 'credentials that may call ec2:DescribeImages',
    fix: 'try `aws sts get-caller-identity`, then run the same command again',
  });
}
