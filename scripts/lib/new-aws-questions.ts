import { mechanisms } from '../../infra/config/names.ts';
import { ConfigError } from '../../infra/config/problems.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import type { Ask } from './ask.ts';
import { UsageError } from './cli.ts';
import { type AwsChoice, packageWays } from './new-aws.ts';
import type { Wishes } from './new-questions.ts';
import { type Choice, defaultZones, exampleRegion, load, typeFor, works } from './new-stack.ts';

/** What a choice holds before its place, and its size, are known. */
type Begun = Pick<Choice, 'topology' | 'frontEnd' | 'target' | 'brokers'>;

const packageMeanings = {
  nat: 'from a mirror, through one NAT gateway',
  'nat-per-zone': 'from a mirror, through a NAT gateway in each zone: no zone needs another',
  'golden-image': 'images of your own that hold every package; no way out of the subnets',
};
const mechanismMeanings = {
  overlay: 'a route that moves: across zones, inside the VPC',
  'secondary-ip': 'an address of one subnet, which both balancers share',
  'elastic-ip': 'a public address',
};
const purposes = {
  service: 'a service: what holds data is protected, also from `npm run down`',
  trial: 'a trial: `npm run down` takes everything, messages and disks too',
};

/** Zones on any target; the region, which they are letters of, on aws. */
export async function choosePlace(
  { zones, aws: { region } }: Wishes,
  begun: Begun,
  ask: Ask | undefined,
): Promise<Pick<Choice, 'zones' | 'aws'>> {
  if (begun.target !== 'aws') return { zones, aws: undefined };
  const chosen = region ?? (ask === undefined ? exampleRegion : await askRegion(begun, ask));
  const aws = { region: chosen };
  if (zones !== undefined) return { zones, aws };
  const letters = (text: string): string[] => zonesIn(text).map((zone) => letterOf(zone, chosen));
  const preset = defaultZones({ ...begun, aws });
  if (ask === undefined) return { zones: preset, aws };
  const typed = await ask({
    title: `Which availability zones of ${chosen}? Their letters; not every region has an a.`,
    preset: preset.join(','),
    problem: (text) => problemOf({ ...begun, aws, zones: letters(text) }),
  });
  return { zones: letters(typed), aws };
}

const askRegion = (begun: Begun, ask: Ask): Promise<string> =>
  ask({
    title: 'Which region?',
    preset: exampleRegion,
    problem: (region) => problemOf({ ...begun, aws: { region } }),
  });

/** Zones as people type them: `a,b,c`, also with blanks. */
export const zonesIn = (text: string): string[] =>
  text.split(/[\s,]+/).filter((zone) => zone !== '');

/** People may put the region in front of a zone's letter, as AWS does. */
export const letterOf = (zone: string, region: string | undefined): string =>
  region !== undefined && zone.startsWith(region) ? zone.slice(region.length) : zone;

/** The rest of what only aws needs, once brokers have a size. */
export async function chooseAws(
  { aws: wishes }: Wishes,
  sized: Choice,
  ask: Ask | undefined,
): Promise<Choice['aws']> {
  if (sized.aws === undefined) return undefined;
  const instanceType = wishes.instanceType ?? typeFor(sized.memory);
  const begun = { ...sized, aws: { ...sized.aws, instanceType } };
  const packages =
    wishes.packages ??
    (await askWhich(
      'How do hosts come to their packages?',
      packageMeanings,
      packageWays.filter((way) =>
        canBe(begun, { packages: way, virtualAddress: wishes.virtualAddress }),
      ),
      ask,
    ));
  const supplied = { ...begun, aws: { ...begun.aws, packages } };
  const virtualAddress = await chooseMechanism(wishes.virtualAddress, supplied, ask);
  const testRig = wishes.testRig ?? (await askTestRig(ask));
  return { ...supplied.aws, virtualAddress, testRig };
}

async function chooseMechanism(
  wished: AwsChoice['virtualAddress'],
  supplied: Choice,
  ask: Ask | undefined,
): Promise<AwsChoice['virtualAddress']> {
  const { virtualAddresses } = planEnvironment(load({ ...supplied, aws: supplied.aws }));
  if (virtualAddresses.length > 0) {
    return (
      wished ??
      askWhich(
        'How does the virtual address move?',
        mechanismMeanings,
        mechanisms.filter((mechanism) => canBe(supplied, { virtualAddress: mechanism })),
        ask,
      )
    );
  }
  if (wished === undefined) return undefined;
  throw new UsageError({
    what: `--vip does not fit: front end ${supplied.frontEnd} has no virtual address`,
    value: wished,
    fix: 'leave it out, or say --front-end haproxy-keepalived',
  });
}

const canBe = (choice: Choice, aws: Partial<AwsChoice>): boolean =>
  works({ ...choice, aws: { ...choice.aws, ...aws } });

const askTestRig = async (ask: Ask | undefined): Promise<boolean> =>
  (await askWhich('What is it for?', purposes, ['service', 'trial'], ask)) === 'trial';

/** The first value is the preset; what has no other is not asked. */
async function askWhich<T extends string>(
  title: string,
  meanings: Readonly<Record<T, string>>,
  values: readonly T[],
  ask: Ask | undefined,
): Promise<T> {
  const [preset] = values;
  if (preset === undefined) throw new RangeError(`${title} Nothing works`);
  if (ask === undefined || values.length === 1) return preset;
  const choices = values.map((value) => ({ value, meaning: meanings[value] }));
  return (await ask({ title, choices, preset })) as T;
}

/** What the config's rules have against an answer. */
function problemOf(choice: Partial<Choice>): string | undefined {
  try {
    load(choice);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems
      .map(({ path, what, allowed }) => `${path} ${what}; allowed: ${allowed}`)
      .join('\n  ');
  }
}
