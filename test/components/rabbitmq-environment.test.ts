import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../infra/config/load.ts';

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** Every resource that the program registers, with its resolved inputs. */
const registered: Registered[] = [];

const secretValue = (name: string): string => `value-of-${name}`;

await pulumi.runtime.setMocks(
  {
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, name, inputs: inputs as Record<string, unknown> });
      const outputs: Record<string, unknown> = {
        'rig:index:Password': { value: secretValue(name) },
        'rig:index:Image': { rootfs: '/images/trixie', hash: 'abc' },
        'rig:index:Network': { ports: { amqp: 20001, management: 20002, statistics: 20003 } },
      };
      return {
        id: `${name}-id`,
        state: { ...(inputs as object), ...(outputs[type] as object | undefined) },
      };
    },
    call: () => ({}),
  },
  'rabbitmq-ha-kit',
  'test',
);

const { RabbitmqEnvironment } = await import('../../infra/components/rabbitmq-environment.ts');

const valueOf = async <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

const ofType = (type: string): Registered[] =>
  registered.filter((resource) => resource.type === `rig:${type}`);

const givenSecret = (key: string): never => {
  throw new Error(`nobody gave ${key}`);
};

describe.each(['quorum-cluster', 'warren'] as const)('the component with %s', (topology) => {
  let environment: InstanceType<typeof RabbitmqEnvironment>;

  beforeAll(async () => {
    registered.length = 0;
    environment = new RabbitmqEnvironment('environment', {
      config: loadEnvironment({ topology }, undefined, 'test'),
      sources: { rotation: {}, ownAuthority: undefined, given: givenSecret },
    });
    await valueOf(environment.amqpUri);
    await pulumi.runtime.disconnect();
  });

  it('makes each host once, with a configuration of its own', () => {
    const hosts = ofType('index:Host').map(({ name }) => name);
    const brokers =
      topology === 'warren' ? ['rabbit-a', 'rabbit-b'] : ['broker-1', 'broker-2', 'broker-3'];
    expect(hosts.sort()).toEqual([...brokers, 'balancer-1', 'balancer-2'].sort());
    expect(
      ofType('index:Configuration')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(hosts.sort());
    expect(ofType('rabbitmq:Service').map(({ inputs }) => inputs)).toEqual([
      { stack: 'test', topology, brokers, clustered: topology === 'quorum-cluster' },
    ]);
  });

  it('hands each host only the secrets of its role', () => {
    for (const { name, inputs } of ofType('index:Host')) {
      const secrets = Object.keys(unsecret(inputs['secrets']) as object).sort();
      const own = name.startsWith('balancer')
        ? ['statistics-password']
        : ['administrator-password', 'application-password', 'erlang-cookie'];
      expect(secrets, name).toEqual(own);
    }
  });

  it("keeps secrets out of every input but the hosts' secrets", () => {
    const values = ofType('index:Password').map(({ name }) => secretValue(name));
    expect(values.length).toBeGreaterThanOrEqual(4);
    for (const { type, name, inputs } of registered) {
      const text = JSON.stringify({ ...inputs, secrets: undefined });
      for (const value of values) expect(text, `${type} ${name}`).not.toContain(value);
    }
  });

  it('marks the secrets of hosts and the URIs with logins as secret', async () => {
    for (const { name, inputs } of ofType('index:Host')) {
      expect(inputs['secrets'], name).toHaveProperty(secretSignatureKey, secretSignature);
    }
    const { amqpUri, amqpUris, managementUri, statisticsUri } = environment;
    const uris: (pulumi.Output<unknown> | undefined)[] = [amqpUri, managementUri, statisticsUri];
    for (const output of [...uris, amqpUris]) {
      expect(output && (await pulumi.isSecret(output))).toBe(true);
    }
    expect(await pulumi.isSecret(environment.endpoints)).toBe(false);
  });

  it('gives addresses of this machine, logins only in the secret URIs', async () => {
    expect(await valueOf(environment.endpoints)).toEqual({
      amqp: 'amqp://127.0.0.1:20001',
      management: 'http://127.0.0.1:20002/',
      statistics: 'http://127.0.0.1:20003/stats',
    });
    const uri = `amqp://application:${secretValue('application-password')}@127.0.0.1:20001/`;
    expect(await valueOf(environment.amqpUri)).toBe(uri);
    expect(await valueOf(environment.amqpUris)).toEqual([uri]);
    expect(environment.balancer).toBeUndefined();
  });
});

const secretSignatureKey = '4dabf18193072939515e22adb298388d';
const secretSignature = '1b47061264138c4ac30d75fd1eb44270';

/** Mocks see secrets in their envelope. */
function unsecret(value: unknown): unknown {
  const envelope = value as Record<string, unknown>;
  return envelope[secretSignatureKey] === secretSignature ? envelope['value'] : value;
}
