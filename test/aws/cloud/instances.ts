import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  type Instance,
} from '@aws-sdk/client-ec2';
import { addressAt, cidrOf } from '../../../infra/cidr.ts';
import { container } from '../../../infra/rig-provider/containers/container.ts';
import { createHost, removeHost, startHost } from '../../../infra/rig-provider/host-life.ts';
import { type HostRecord, readHostRecord } from '../../../infra/rig-provider/host-record.ts';
import { type Account, tagsOf } from './account.ts';
import { ApiError } from './call.ts';
import { freeDisk, plugDisk } from './disks.ts';
import type { Network } from './network.ts';
import { authorityFile, type CloudSettings } from './settings.ts';

/** What the metadata service tells an instance beside what the API knows of it. */
export interface InstanceFacts {
  /** Raw, as it was given: gzip stays gzip. */
  readonly userData: Buffer;
  readonly tagsInMetadata: boolean;
  readonly tokensRequired: boolean;
}

/** An ordinary shutdown that takes longer is cut, as on a real instance. */
const shutdownMs = 30_000;
/** Takes away what refuses everybody but root while a host boots. */
const userSessions = 'systemd-user-sessions.service';

/** Instances as hosts of the rig, named by their ids. */
export class Instances {
  readonly #settings: CloudSettings;
  readonly #account: Account;
  readonly #network: Network;
  readonly #facts = new Map<string, InstanceFacts>();
  /** Public halves of key pairs, by name. */
  readonly keys = new Map<string, string>();

  constructor(settings: CloudSettings, account: Account, network: Network) {
    this.#settings = settings;
    this.#account = account;
    this.#network = network;
  }

  factsOf(instance: string): InstanceFacts | undefined {
    return this.#facts.get(instance);
  }

  async describe(id: string): Promise<Instance> {
    const found = await this.#account.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const instance = found.Reservations?.[0]?.Instances?.[0];
    if (instance === undefined) throw new Error(`the API does not know ${id}`);
    return instance;
  }

  /** Boots what the API has just taken in. */
  async run(id: string, facts: InstanceFacts): Promise<void> {
    this.#facts.set(id, facts);
    await this.#network.follow();
    const record = await this.#recordOf(id);
    const { KeyName = '' } = await this.describe(id);
    await createHost(record, facts.userData, {}, this.#disk(record, this.keys.get(KeyName)));
  }

  async #recordOf(id: string): Promise<HostRecord> {
    const { cloud: stack, images, region } = this.#settings;
    const instance = await this.describe(id);
    const subnet = this.#network.fabric.subnets.find((one) => one.id === instance.SubnetId);
    const image = images[instance.ImageId ?? ''];
    const address = instance.PrivateIpAddress;
    if (subnet === undefined || image === undefined || address === undefined) {
      throw new Error(`${id} has no subnet, image or address: ${JSON.stringify(instance)}`);
    }
    const cidr = cidrOf(subnet.cidr);
    return {
      stack,
      name: id,
      fqdn: `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`,
      kind: 'container',
      image: image.rootfs,
      network: subnet.id,
      zone: subnet.zone,
      address,
      prefixLength: cidr.prefix,
      gateway: addressAt(cidr, 1),
      volumes: [],
      memoryMiB: await this.#memoryOf(instance.InstanceType),
      labels: tagsOf(instance.Tags),
      id,
      bootedFiles: '',
      unsettledFiles: [],
      known: true,
      fetchesSecrets: true,
    };
  }

  async #memoryOf(type: Instance['InstanceType']): Promise<number> {
    const request = new DescribeInstanceTypesCommand(
      type === undefined ? {} : { InstanceTypes: [type] },
    );
    const { InstanceTypes: [found] = [] } = await this.#account.ec2.send(request);
    const memory = found?.MemoryInfo?.SizeInMiB;
    if (memory === undefined) {
      throw new ApiError(
        'InvalidParameterValue',
        `Invalid value '${type ?? ''}' for InstanceType.`,
      );
    }
    return memory;
  }

  /** What an image of EC2 has and one of the rig has not; the rig does without DHCP and DMI. */
  #disk({ image }: HostRecord, publicKey: string | undefined): Readonly<Record<string, string>> {
    const authorities = 'etc/ssl/certs/ca-certificates.crt';
    return {
      'etc/cloud/cloud.cfg.d/99-rig.cfg': [
        'network: {config: disabled}',
        // A container has no DMI by which cloud-init would know EC2: user-data comes as a seed, too.
        'datasource_list: [NoCloud]',
        'cloud_init_modules: [bootcmd, write_files, set_hostname, users_groups, ssh]',
        'preserve_hostname: false',
        // As in Debian's images of EC2.
        'system_info: {default_user: {name: admin, shell: /bin/bash, lock_passwd: true, sudo: ["ALL=(ALL) NOPASSWD:ALL"]}}',
        'users: [default]',
        'ssh_genkeytypes: [ed25519]',
        `ssh_authorized_keys: [${publicKey === undefined ? '' : JSON.stringify(publicKey)}]`,
        '',
      ].join('\n'),
      'etc/systemd/system/multi-user.target.d/ssh.conf': '[Unit]\nWants=ssh.service\n',
      // Operators are people: the rig's images keep the one that lets them log in masked.
      [`etc/systemd/system/${userSessions}`]: readFileSync(
        join(image, 'usr/lib/systemd/system', userSessions),
        'utf8',
      ),
      'etc/resolv.conf': `nameserver ${addressAt(cidrOf(this.#network.fabric.vpcs[0] ?? ''), 2)}\n`,
      // Real names of the API, answered here: trusted by what signs for them here.
      [authorities]:
        readFileSync(join(image, authorities), 'utf8') +
        readFileSync(authorityFile(this.#settings.cloud), 'utf8'),
    };
  }

  /** @param how as the API's Force: without the chance to shut down */
  async stop(id: string, how: 'orderly' | 'forced'): Promise<void> {
    const host = { stack: this.#settings.cloud, name: id };
    if (how === 'orderly') await container.powerOff(host, shutdownMs);
    await container.stop(host);
  }

  async start(id: string): Promise<void> {
    const record = readHostRecord(this.#settings.cloud, id);
    if (record === undefined) throw new Error(`${id} has no disk`);
    await startHost(record, {});
    for (const volume of await this.#volumesOf(id)) await this.plug(id, volume);
  }

  async #volumesOf(id: string): Promise<string[]> {
    const { BlockDeviceMappings = [], RootDeviceName } = await this.describe(id);
    return BlockDeviceMappings.filter(({ DeviceName }) => DeviceName !== RootDeviceName).flatMap(
      ({ Ebs }) => Ebs?.VolumeId ?? [],
    );
  }

  plug(id: string, volume: string): Promise<void> {
    return plugDisk(this.#settings.cloud, id, volume);
  }

  /** Shuts it down and takes its disk away; its volumes stay. */
  async terminate(id: string): Promise<void> {
    const { cloud } = this.#settings;
    const volumes = await this.#volumesOf(id);
    await this.stop(id, 'orderly');
    await removeHost({ stack: cloud, name: id });
    for (const volume of volumes) await freeDisk(cloud, volume);
    this.#facts.delete(id);
  }
}
