import * as pulumi from '../pulumi.ts';
import type { ImageName, NetworkPlan, Reaction } from '../plan/model.ts';
import type { MachineImageName } from '../rig-provider/images/catalogue.ts';
import type { RenderedFile } from '../render/model.ts';

/**
 * The program's side of the rig provider: one class a resource of `infra/rig-provider`, with the
 * inputs that its handler checks.
 */
type Inputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

/** A base image, in this machine's cache. */
export class Image extends pulumi.CustomResource {
  /** Folder that hosts lay their own disk over. */
  declare readonly rootfs: pulumi.Output<string>;
  declare readonly hash: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<{ name: ImageName | MachineImageName }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:index:Image', name, { ...args, rootfs: undefined, hash: undefined }, opts);
  }
}

export interface ForwardArgs {
  /** Access point, e.g. `amqp` or `amqp/broker-1`. */
  readonly name: string;
  /** What is spoken there: the start of its URL. */
  readonly scheme: string;
  /** Where it leads, inside the environment. */
  readonly address: string;
  readonly port: number;
  /** Stated port on the machine's loopback; undefined leaves it to the rig. */
  readonly fixedPort: number | undefined;
}

/** Router namespace with a bridge a network, and loopback ports that lead into it. */
export class Network extends pulumi.CustomResource {
  /** Loopback port of this machine for each forward's name. */
  declare readonly ports: pulumi.Output<Record<string, number>>;

  constructor(
    name: string,
    args: Inputs<{
      stack: string;
      networks: readonly NetworkPlan[];
      forwards: readonly ForwardArgs[];
    }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:index:Network', name, { ...args, ports: undefined }, opts);
  }
}

/** A disk that outlives its host. */
export class Volume extends pulumi.CustomResource {
  constructor(
    name: string,
    args: Inputs<{ stack: string; name: string; sizeGiB: number; format?: 'none' }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:index:Volume', name, args, opts);
  }
}

/** Takes the power of the stack's hosts away when one of them asks for it. */
export class Power extends pulumi.CustomResource {
  constructor(
    name: string,
    args: Inputs<{ stack: string; password: string }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:index:Power', name, { ...args, state: undefined }, opts);
  }
}

export interface HostArgs {
  readonly stack: string;
  readonly name: string;
  readonly fqdn: string;
  readonly kind: 'container' | 'machine';
  /** Root file system of the image. */
  readonly image: string;
  readonly network: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly zone: string;
  readonly userData: string;
  /** File name to value, readable on the host by root only. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Without a mount the host gets the disk as it is. */
  readonly volumes: readonly { readonly name: string; readonly mount: string | undefined }[];
  readonly memoryMiB: number;
  /** It may ask the power service to take another host's power away. */
  readonly fences?: true;
  /** Of a machine. */
  readonly cpus?: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Digest of the changeable files that the user-data writes: its first configuration has nothing to do. */
  readonly filesDigest: string;
}

/** A full systemd host. */
export class Host extends pulumi.CustomResource {
  declare readonly state: pulumi.Output<'running' | 'stopped'>;

  constructor(name: string, args: Inputs<HostArgs>, opts?: pulumi.CustomResourceOptions) {
    super('rig:index:Host', name, { ...args, state: undefined }, opts);
  }
}

/** The files of a running host, with what makes it take up their change. */
export class Configuration extends pulumi.CustomResource {
  constructor(
    name: string,
    args: Inputs<{
      stack: string;
      host: string;
      hostId: string;
      files: readonly RenderedFile[];
      memoryMiB: number;
      /** By name of the secret; another value has another version. */
      secretVersions: Readonly<Record<string, pulumi.Input<string>>>;
      onSecretsChange: Reaction;
    }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:index:Configuration', name, args, opts);
  }
}
