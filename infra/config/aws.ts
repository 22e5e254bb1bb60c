import { z } from 'zod';
import { mechanisms } from './names.ts';
import { cidr, ipv4, size, text } from './units.ts';

/** Ids as EC2 writes them; `i-` and the like stand before eight or seventeen hexadecimal digits. */
const id = (kind: string, example: string) =>
  text(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `an id, e.g. ${example}`);

const image = () => id('ami', 'ami-0123456789abcdef0').optional();

const instanceType = () =>
  text(/^[a-z][a-z0-9-]{0,20}\.[a-z0-9-]{2,20}$/, 'an instance type, e.g. m7g.large');

const parameterName = () =>
  text(/^(\/[A-Za-z0-9_.-]{1,200}){1,15}$/, 'the name of a parameter, e.g. /shop/erlang-cookie');

const publicKey = () =>
  text(
    /^(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]{60,1000}={0,3}( [^\n]{0,200})?$/,
    'one line of an OpenSSH public key, ssh-ed25519 or ssh-rsa',
  );

const vpc = z
  .strictObject({
    id: id('vpc', 'vpc-0123456789abcdef0').optional(),
    /** By zone, and `front` where the virtual address is a secondary one. */
    subnets: z.record(z.string(), id('subnet', 'subnet-0123456789abcdef0')).default({}),
    /** Tables of the subnets whose hosts are to reach an overlay address. */
    routeTables: z.array(id('rtb', 'rtb-0123456789abcdef0')).default([]),
    /** Whether interface endpoints are made in it; none when it has them, or another way. */
    endpoints: z.enum(['made', 'present']).default('made'),
  })
  .prefault({});

/** Section `aws`: only the target `aws` looks at it. */
export const aws = z
  .strictObject({
    region: text(/^[a-z]{2}(-[a-z]+){1,3}-\d$/, 'a region, e.g. eu-central-1').optional(),
    /** By zone; the region with the zone's name at its end unless stated. */
    availabilityZones: z
      .record(
        z.string(),
        text(/^[a-z]{2}(-[a-z0-9]+){2,6}[a-z]$/, 'an availability zone, e.g. eu-central-1a'),
      )
      .default({}),
    /** Pinned: a newer one replaces every host. */
    images: z.strictObject({ trixie: image(), bookworm: image() }).prefault({}),
    /** The images hold every package, so that hosts need no mirror. */
    goldenImage: z.boolean().default(false),
    /** Debian packages that every host gets besides. */
    packages: z
      .array(text(/^[a-z0-9][a-z0-9+.-]{1,60}$/, 'the name of a Debian package'))
      .default([]),
    instanceTypes: z
      .strictObject({
        broker: instanceType().prefault('m7g.large'),
        balancer: instanceType().prefault('t4g.small'),
        monitor: instanceType().prefault('t4g.small'),
        quorum: instanceType().prefault('t4g.micro'),
      })
      .prefault({}),
    /** By instance type, for those that the kit does not know. */
    instanceMemory: z.record(z.string(), size({ min: '512MiB', max: '32768GiB' })).default({}),
    vpc,
    /** Way out of the private subnets; one unless stated, and nothing in a VPC of one's own. */
    nat: z.enum(['none', 'one', 'per-zone']).optional(),
    virtualAddress: z
      .strictObject({
        mechanism: z.enum(mechanisms).default('overlay'),
        /** Outside of the VPC. */
        overlay: ipv4().prefault('10.255.255.10'),
      })
      .prefault({}),
    secrets: z
      .strictObject({
        /** Parameters of Systems Manager that the user made, by secret. */
        parameters: z.record(z.string(), parameterName()).default({}),
      })
      .prefault({}),
    access: z
      .strictObject({
        method: z.enum(['instance-connect', 'session-manager', 'none']).default('instance-connect'),
        /** A pair is made unless stated. */
        publicKey: publicKey().optional(),
        /** Of the AWS CLI, for the way onto hosts; what it finds by itself unless stated. */
        profile: text(
          /^[A-Za-z0-9_.@+/][A-Za-z0-9_.@+/-]{0,100}$/,
          'a profile of the AWS CLI',
        ).optional(),
        /** A VPC has room for one Instance Connect Endpoint. */
        endpoint: z.enum(['made', 'present']).default('made'),
        /** Of the subnet in which one that is present stands. */
        endpointSubnet: cidr().optional(),
      })
      .prefault({}),
    quotas: z
      .strictObject({
        /** Of one security group, in each direction: 60 in every account, more where AWS has raised it. */
        rulesPerGroup: z.int().min(60).max(1000).default(60),
      })
      .prefault({}),
    /** `destroy` takes everything, volumes too. */
    testRig: z.boolean().default(false),
    tags: z
      .record(
        z.string(),
        text(
          /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u,
          'at most 256 letters, digits, blanks and _ . : / = + - @',
        ),
      )
      .default({}),
  })
  .prefault({});

export type AwsConfig = z.infer<typeof aws>;
