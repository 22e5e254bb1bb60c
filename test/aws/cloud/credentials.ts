import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Instance } from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand } from '@aws-sdk/client-iam';
import type { Account } from './account.ts';
import { ApiError } from './call.ts';

/** In the form of the metadata service. */
export interface RoleCredentials {
  readonly Code: 'Success';
  readonly LastUpdated: string;
  readonly Type: 'AWS-HMAC';
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token: string;
  readonly Expiration: string;
}

const lifeMs = 6 * 3600 * 1000;

/** Credentials of instances by their roles; the API takes no other from inside of the VPC. */
export class Credentials {
  readonly #account: Account;
  readonly #issued = new Map<string, { readonly role: string; readonly keys: RoleCredentials }>();

  constructor(account: Account) {
    this.#account = account;
  }

  /** Name of the role that the instance's profile holds. */
  async roleOf({ IamInstanceProfile: profile }: Instance): Promise<string | undefined> {
    const name = profile?.Arn?.split('/').at(-1);
    if (name === undefined) return undefined;
    const found = await this.#account.iam.send(
      new GetInstanceProfileCommand({ InstanceProfileName: name }),
    );
    return found.InstanceProfile?.Roles?.[0]?.RoleName;
  }

  issue(instance: string, role: string): RoleCredentials {
    const known = this.#issued.get(instance);
    if (known?.role === role) return known.keys;
    const now = Date.now();
    const keys: RoleCredentials = {
      Code: 'Success',
      LastUpdated: new Date(now).toISOString(),
      Type: 'AWS-HMAC',
      AccessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      SecretAccessKey: randomBytes(30).toString('base64'),
      Token: randomBytes(60).toString('base64'),
      Expiration: new Date(now + lifeMs).toISOString(),
    };
    this.#issued.set(instance, { role, keys });
    return keys;
  }

  /**
   * Role of the instance that signed the request.
   * @throws ApiError unless key and token are those that this instance was given
   */
  roleBehind(instance: string, request: IncomingMessage): string {
    const issued = this.#issued.get(instance);
    const key = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    const token = request.headers['x-amz-security-token'];
    if (issued?.keys.AccessKeyId !== key || issued?.keys.Token !== token) {
      throw new ApiError(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
        403,
      );
    }
    return issued?.role ?? '';
  }
}
