import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SSMClient } from '@aws-sdk/client-ssm';

/** Connects to a Unix socket, whatever host a request names. */
class SocketAgent extends Agent {
  readonly #path: string;

  constructor(path: string) {
    super({ keepAlive: true });
    this.#path = path;
  }

  override createConnection(): Socket {
    return connect(this.#path);
  }
}

/** Clients of the simulated API for who runs the account. */
export interface Account {
  readonly region: string;
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly route53: Route53Client;
  readonly ssm: SSMClient;
}

/** @param at where the API answers: a URL, or the path of a Unix socket */
export function accountAt(region: string, at: { url: string } | { socket: string }): Account {
  const place =
    'url' in at
      ? { endpoint: at.url }
      : {
          endpoint: 'http://aws.invalid',
          requestHandler: { httpAgent: new SocketAgent(at.socket) },
        };
  const config = {
    ...place,
    region,
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'of the simulation' },
    maxAttempts: 1,
  };
  return {
    region,
    ec2: new EC2Client(config),
    elb: new ElasticLoadBalancingV2Client(config),
    iam: new IAMClient(config),
    kms: new KMSClient(config),
    route53: new Route53Client(config),
    ssm: new SSMClient(config),
  };
}

export const tagsOf = (
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
