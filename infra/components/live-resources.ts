/**
 * The program's side of what our own provider does on live hosts, whatever their target: one class a
 * resource, with the inputs that its handler checks. Without a channel the hosts are those of a rig.
 */
import type { ChannelDescription } from '../channels/description.ts';
import type { Items } from '../definitions/items.ts';
import type { DefinitionsPlan, Reaction } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';

type Inputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

/** The way onto hosts; it may hold a key, which makes it a Pulumi secret. */
type Way = { readonly channel?: ChannelDescription };

export interface ServiceArgs extends Way {
  readonly stack: string;
  readonly topology: string;
  /** Host names of its brokers. */
  readonly brokers: readonly string[];
  /** One cluster of all brokers, or each broker alone. */
  readonly clustered: boolean;
  /** Nodes of the cluster where they are not as many as its hosts. */
  readonly nodes?: number;
}

/** The brokers as a service: ready when it exists, emptied or moved before it goes. */
export class Service extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<ServiceArgs>, opts?: pulumi.CustomResourceOptions) {
    super('rig:rabbitmq:Service', name, args, opts);
  }
}

/** Secrets of a host that fetches them itself: a running one is told when they have changed. */
export class HostSecrets extends pulumi.CustomResource {
  constructor(
    name: string,
    args: Inputs<Way & { stack: string; host: string; onChange: Reaction }> & {
      /** By name of the secret; another value has another version. */
      readonly versions: Readonly<Record<string, pulumi.Input<string>>>;
    },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:index:HostSecrets', name, args, opts);
  }
}

/** What the config wants the brokers of a service to hold. */
export class Definitions extends pulumi.CustomResource {
  constructor(
    name: string,
    args: Inputs<
      Way & {
        stack: string;
        brokers: readonly string[];
        clustered: boolean;
        items: Items;
        made: readonly string[];
        passwords: Readonly<Record<string, string>>;
        /** By user: a parameter whose value only hosts read. */
        parameters?: Readonly<Record<string, string>>;
        replace: DefinitionsPlan['replace'];
      }
    >,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:rabbitmq:Definitions', name, { ...args, live: undefined }, opts);
  }
}

/** Refuses, before the first step, what live brokers would lose messages or their data by. */
export class ChangeGuard extends pulumi.CustomResource {
  /** Paths of the definitions that are the kit's own. */
  declare readonly made: pulumi.Output<string[]>;

  constructor(
    name: string,
    args: Inputs<
      Way & {
        stack: string;
        /** The way without its key, known already in a first preview. */
        lookup?: ChannelDescription;
        topology: string;
        brokers: readonly string[];
        settled: Readonly<Record<string, string>>;
        transports: readonly string[];
        /** Zone and address, by host. */
        places: Readonly<Record<string, string>>;
        definitions: Pick<DefinitionsPlan, 'items' | 'replace'>;
        /** By host: what would have it replaced. */
        madeOf?: Readonly<Record<string, Readonly<Record<string, string>>>>;
      }
    >,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:rabbitmq:ChangeGuard', name, { ...args, made: undefined }, opts);
  }
}

/** Stands before a host that its target replaces when `madeOf` changes: until then it must be spared. */
export class Turn extends pulumi.CustomResource {
  constructor(
    name: string,
    args: Inputs<
      Way & {
        stack: string;
        host: string;
        madeOf: Readonly<Record<string, string>>;
        targetGroups?: readonly string[];
      }
    >,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:rabbitmq:Turn', name, args, opts);
  }
}

/** Has the file systems of a host follow volumes that grow while it runs. */
export class FileSystems extends pulumi.CustomResource {
  constructor(
    name: string,
    args: Inputs<{
      stack: string;
      channel: ChannelDescription;
      host: string;
      /** GiB by mount point. */
      sizes: Readonly<Record<string, number>>;
    }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super('rig:index:FileSystems', name, args, opts);
  }
}
