/**
 * The program's side of the secrets of the kit's own provider: made by it, kept in the Pulumi state
 * alone, the same on every target.
 */
import * as pulumi from '../pulumi.ts';

type Inputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

/** A generated secret; `value` is a Pulumi secret and stays until `since` is later than it. */
export class Password extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<{ kind: 'erlang-cookie' | 'password'; since: string | undefined }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      'rig:index:Password',
      name,
      { ...args, value: undefined, version: undefined },
      {
        ...opts,
        additionalSecretOutputs: ['value'],
      },
    );
  }
}

/** Who signs certificates: made by the kit, or a user's own. */
export class Authority extends pulumi.CustomResource {
  /** A Pulumi secret. */
  declare readonly signer: pulumi.Output<{ certificate: string; key: string }>;
  /** Certificate of who signs; PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** Every certificate that is to be trusted; PEM. */
  declare readonly trusted: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<{
      commonName: string;
      validDays: number;
      own: { readonly certificate: string; readonly key: pulumi.Input<string> } | undefined;
      introduceSince: string | undefined;
      promoteSince: string | undefined;
      forgetSince: string | undefined;
    }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      'rig:tls:Authority',
      name,
      { ...args, signer: undefined, certificate: undefined, trusted: undefined },
      { ...opts, additionalSecretOutputs: ['signer', 'successor'] },
    );
  }
}

/** A certificate with its key; `value` is both as PEM, a Pulumi secret. */
export class Certificate extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<{
      commonName: string;
      names: readonly string[];
      addresses: readonly string[];
      validDays: number;
      signer: { readonly certificate: string; readonly key: string };
      since: string | undefined;
    }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      'rig:tls:Certificate',
      name,
      { ...args, value: undefined, version: undefined },
      { ...opts, additionalSecretOutputs: ['value'] },
    );
  }
}

/** A pair of keys by which people and the kit get a shell on hosts; `privateKey` is a Pulumi secret. */
export class SshKey extends pulumi.CustomResource {
  /** One line, OpenSSH form. */
  declare readonly publicKey: pulumi.Output<string>;
  /** PEM of OpenSSH, without a passphrase. */
  declare readonly privateKey: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<{ comment: string }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      'rig:ssh:Key',
      name,
      { ...args, publicKey: undefined, privateKey: undefined },
      { ...opts, additionalSecretOutputs: ['privateKey'] },
    );
  }
}
