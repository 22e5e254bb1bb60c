import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { answer } from '../../lib/config-answers.ts';

const region = 'eu-central-1';
const sound = { target: 'aws', topology: 'quorum-cluster', aws: { region } } as const;
/** The answer to a config on aws; `aws` is laid on a sound section. */
const onAws = (aws: object, rest: object = {}): string =>
  answer({ ...sound, ...rest, aws: { region, ...aws } });

describe('the place of an environment on aws', () => {
  it('is stated', () => {
    expect(answer({ ...sound, aws: {} })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.region is missing: no region is right for everybody
          allowed: a region, e.g. eu-central-1 or us-east-1
          fix:     set aws.region, or target: rig"
    `);
  });
  it('has zones of its region, each once', () => {
    const availabilityZones = { a: 'us-east-1a', b: 'eu-central-1c', d: 'eu-central-1d' };
    expect(onAws({ availabilityZones })).toMatchInlineSnapshot(`
      "the config of stack trial has 3 problems
        aws.availabilityZones.a is not in region eu-central-1: an environment is in one region
          given:   us-east-1a
          allowed: eu-central-1 and a letter
          fix:     write eu-central-1a, or change aws.region
        aws.availabilityZones.d is for a zone that network.zones does not have
          given:   eu-central-1d
          allowed: a, b, c
          fix:     remove the line, or add d to network.zones
        aws.availabilityZones.c is the zone of b too: one failure would take both
          given:   eu-central-1c
          allowed: another availability zone for each zone
          fix:     change one of the two"
    `);
  });
  it('has zones that EC2 knows', () => {
    expect(onAws({}, { network: { zones: ['a', 'b', 'east'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.availabilityZones.east is missing: the name of the zone is no letter of one of the region
          allowed: an availability zone of eu-central-1, e.g. eu-central-1a
          fix:     set it, or rename the zone east to a letter, e.g. a"
    `);
  });
});

describe('instances', () => {
  it('hold the planned memory', () => {
    const brokers = { memory: '7GiB', disk: '100GiB' };
    expect(onAws({ instanceTypes: { broker: 't4g.medium' } }, { brokers })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.instanceTypes.broker has too little memory for brokers.memory, 7GiB, from which the watermark and the free-disk limit follow
          given:   t4g.medium, 4GiB
          allowed: a type of which 7GiB are left for the host: 3840MiB are with this one
          fix:     choose a larger type, or set brokers.memory: 3840MiB at most"
    `);
  });
  it('are of a known type, or told', () => {
    const instanceTypes = { broker: 'm77g.large' };
    expect(onAws({ instanceTypes })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.instanceTypes.broker is no type whose memory the kit knows
          given:   m77g.large
          allowed: types of the families c5, c5a, c5d, c6a, c6g, c6gd, c6i, c6id, c7a, c7g, c7gd, c7i, c8a, c8g, c8gd, c8i, m5, m5a, m5d, m6a, m6g, m6gd, m6i, m6id, m7a, m7g, m7gd, m7i, m8a, m8g, m8gd, m8i, r5, r5a, r5d, r6a, r6g, r6gd, r6i, r6id, r7a, r7g, r7gd, r7i, r8a, r8g, r8gd, r8i, t3, t3a, t4g; others with aws.instanceMemory
          fix:     did you mean m7g.large? Else set aws.instanceMemory.m77g.large to its memory"
    `);
    const aws = { region, instanceTypes, instanceMemory: { 'm77g.large': '8GiB' } };
    expect(loadEnvironment({ ...sound, aws }, undefined, 'trial').aws.instanceTypes.broker).toBe(
      'm77g.large',
    );
  });
  it('are of one kind of processor', () => {
    expect(onAws({ instanceTypes: { broker: 'm7i.large' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.instanceTypes.balancer is of another processor than the brokers, whose images cannot start on it
          given:   t4g.small, arm64
          allowed: types of x86_64, as m7i.large
          fix:     choose e.g. t3.small"
    `);
  });
  it('have an image of the release that their topology needs', () => {
    const images = { trixie: 'ami-0123456789abcdef0', bookworm: 'ami-0123456789abcdef0' };
    expect(onAws({ images })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.images.bookworm is the image of trixie: one image is of one release of Debian
          given:   ami-0123456789abcdef0
          allowed: the id of an image of Debian 12, bookworm
          fix:     remove the line and look it up, or correct the other one"
    `);
  });
  it('have the agent of Session Manager where it is asked for', () => {
    expect(onAws({ access: { method: 'session-manager' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.access.method needs the agent of Systems Manager, which no image or package of Debian holds
          given:   session-manager
          allowed: instance-connect or none without a golden image
          fix:     choose instance-connect, or make an image with the agent and set aws.goldenImage: true"
    `);
  });
});

describe('names on aws', () => {
  it('of parameters are for secrets of hosts', () => {
    const parameters = { 'erlang-cooky': '/shop/cookie', 'erlang-cookie': 'no-slash' };
    expect(onAws({ secrets: { parameters: { 'erlang-cooky': '/shop/cookie' } } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.secrets.parameters.erlang-cooky is a parameter for a secret that no host reads
          given:   /shop/cookie
          allowed: erlang-cookie, administrator-password, application-password, statistics-password
          fix:     did you mean erlang-cookie? Else remove the line"
    `);
    expect(onAws({ secrets: { parameters } })).toContain('the name of a parameter');
  });
  it('of parameters may be for passwords of users, in one place each', () => {
    const definitions = { users: { shop: {}, crm: { password: 'given' } } };
    const secrets = { parameters: { 'user-shop-password': '/shop/shop' } };
    const aws = { region, secrets };
    const { aws: loaded } = loadEnvironment({ ...sound, aws, definitions }, undefined, 'trial');
    expect(loaded.secrets.parameters['user-shop-password']).toBe('/shop/shop');
    const parameters = { 'user-crm-password': '/shop/crm' };
    expect(onAws({ secrets: { parameters } }, { definitions })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.secrets.parameters.user-crm-password is a second place for the password that definitions.users.crm takes from the stack's config
          given:   /shop/crm
          allowed: one of the two
          fix:     remove \`password: given\` of definitions.users.crm, or this line"
    `);
  });
  it('of parameters are for all certificates or none', () => {
    const parameters = { 'trusted-authorities': '/shop/ca', 'certificate-front': '/shop/front' };
    expect(
      onAws(
        { secrets: { parameters } },
        { tls: { enabled: true }, topology: 'warren', network: { zones: ['a', 'b'] } },
      ),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.secrets.parameters hold some of the certificates, and nobody would trust both these and those of the kit
          given:   trusted-authorities, certificate-front
          allowed: all certificates and trusted-authorities, or none
          fix:     bring certificate-rabbit-a, certificate-rabbit-b too; or bring none, and have the kit sign by an authority of your own with tls.authority"
    `);
  });
  it('of tags are free', () => {
    expect(onAws({ tags: { Name: 'mine', 'aws:owner': 'me', team: 'orders' } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        aws.tags.Name is a key that is taken, or that AWS does not take
          given:   mine
          allowed: letters, digits and _ . : = + - @, neither Name nor beginning with aws: or rabbitmq-ha-kit:
          fix:     choose another key
        aws.tags.aws:owner is a key that is taken, or that AWS does not take
          given:   me
          allowed: letters, digits and _ . : = + - @, neither Name nor beginning with aws: or rabbitmq-ha-kit:
          fix:     choose another key"
    `);
  });
  it.each(['cost center', 'team/owner', 'a,b', '_index', '..', 'name', 'AWS:owner'])(
    'of tags are such as instance metadata and IAM take: %j',
    (key) => {
      expect(onAws({ tags: { [key]: 'x' } })).toContain(`aws.tags.${key} is a key that is taken`);
    },
  );
  it('of tags have values that IAM takes', () => {
    expect(onAws({ tags: { team: 'R&D' } })).toContain('aws.tags.team has a wrong form');
    expect(() => onAws({ tags: { team: 'Köln 1', 'cost.centre': '' } })).toThrow('accepted');
  });
});

it('definitions need a way onto hosts', () => {
  const definitions = { users: { shop: {} }, vhosts: { orders: {} } };
  expect(onAws({ access: { method: 'none' } }, { definitions })).toMatchInlineSnapshot(`
    "the config of stack trial has one problem
      definitions cannot come to the brokers: nobody has a way onto their hosts
        given:   users.shop, vhosts.orders
        allowed: none with aws.access.method: none
        fix:     set aws.access.method to instance-connect or session-manager, or remove them and define them over the management API"
  `);
});

describe('the front end nlb', () => {
  it('is of AWS alone', () => {
    expect(answer({ topology: 'quorum-cluster', frontEnd: 'nlb' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        frontEnd is a load balancer of AWS, which this machine does not have
          given:   nlb
          allowed: with target rig: haproxy-keepalived, lvs-keepalived, direct, external
          fix:     choose haproxy-keepalived, or set target: aws"
    `);
  });
  it('knows neither standby nor weights', () => {
    const zones = { network: { zones: ['a', 'b'] } };
    expect(onAws({}, { topology: 'warren', frontEnd: 'nlb', ...zones })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        frontEnd would send clients to the standby as well: it knows targets, but no backups
          given:   nlb
          allowed: with topology warren: haproxy-keepalived, direct, external
          fix:     choose haproxy-keepalived"
    `);
    const quorumCluster = { weights: { 'broker-1': 3, 'broker-2': 1 } };
    expect(onAws({}, { frontEnd: 'nlb', quorumCluster })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        quorumCluster.weights.broker-1 has no effect: front end nlb gives all brokers the same share
          given:   3
          allowed: nothing, or 1
          fix:     remove the line, or choose frontEnd: haproxy-keepalived"
    `);
  });
});

it('the section aws counts on aws alone', () => {
  const aws = { nat: 'none', virtualAddress: { overlay: '10.77.1.1' } };
  expect(loadEnvironment({ topology: 'warren', aws }, undefined, 'trial').target).toBe('rig');
});
