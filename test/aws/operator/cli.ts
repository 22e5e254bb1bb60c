/**
 * `aws ec2 describe-instances`, `aws ec2 describe-images`, `aws elbv2 describe-target-health` and
 * `aws ec2-instance-connect open-tunnel` against the simulated cloud of the environment; see provider/provider.ts for its variables.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  DescribeImagesCommand,
  DescribeInstanceConnectEndpointsCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  type Filter,
} from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { addressAt, cidrOf } from '../../../infra/cidr.ts';
import { namespacePath, routerNamespace } from '../../../infra/rig-provider/names.ts';
import { openedAccount } from '../cloud/opened.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    filters: { type: 'string', multiple: true },
    owners: { type: 'string', multiple: true },
    region: { type: 'string' },
    output: { type: 'string' },
    query: { type: 'string' },
    'instance-id': { type: 'string' },
    'remote-port': { type: 'string' },
    'target-group-arn': { type: 'string' },
  },
  // A list after an option: `--filters A B`.
  args: process.argv.slice(2).reduce<string[]>((args, arg) => {
    const last = args.findLast((one) => one.startsWith('--')) ?? '';
    const isMore = /^(--filters|--owners)$/.test(last) && !arg.startsWith('--');
    return isMore && args.at(-1) !== last ? [...args, last, arg] : [...args, arg];
  }, []),
});
const account = openedAccount();

const filters = (): Filter[] =>
  (values.filters ?? []).map((text) => {
    const [, Name = '', list = ''] = /^Name=([^,]+),Values=(.*)$/.exec(text) ?? [];
    return { Name, Values: list.split(',') };
  });

async function openTunnel(): Promise<number> {
  const id = values['instance-id'] ?? '';
  const [instances, endpoints] = await Promise.all([
    account.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })),
    account.ec2.send(new DescribeInstanceConnectEndpointsCommand({})),
  ]);
  const address = instances.Reservations?.[0]?.Instances?.[0]?.PrivateIpAddress ?? '';
  const SubnetId = endpoints.InstanceConnectEndpoints?.[0]?.SubnetId;
  if (SubnetId === undefined) throw new Error('there is no EC2 Instance Connect Endpoint');
  const { Subnets } = await account.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
  // The endpoint's own packets come from its subnet.
  const from = addressAt(cidrOf(Subnets?.[0]?.CidrBlock ?? ''), 1);
  const cloud = process.env['SIMULATED_AWS_CLOUD'] ?? '';
  const carry = join(import.meta.dirname, 'carry.ts');
  const child = spawn(
    'nsenter',
    [
      `--net=${namespacePath(routerNamespace(cloud))}`,
      ...[process.execPath, carry, from, address, values['remote-port'] ?? ''],
    ],
    { stdio: 'inherit' },
  );
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

async function run(): Promise<number> {
  const command = positionals.join(' ');
  switch (command) {
    case 'ec2 describe-instances': {
      const found = await account.ec2.send(new DescribeInstancesCommand({ Filters: filters() }));
      process.stdout.write(JSON.stringify({ Reservations: found.Reservations ?? [] }));
      return 0;
    }
    case 'ec2 describe-images': {
      const found = await account.ec2.send(
        new DescribeImagesCommand({ Owners: values.owners, Filters: filters() }),
      );
      process.stdout.write(JSON.stringify({ Images: found.Images ?? [] }));
      return 0;
    }
    case 'elbv2 describe-target-health': {
      const { TargetHealthDescriptions = [] } = await account.elb.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: values['target-group-arn'] }),
      );
      process.stdout.write(JSON.stringify({ TargetHealthDescriptions }));
      return 0;
    }
    case 'ec2-instance-connect open-tunnel':
      return openTunnel();
    default:
      process.stderr.write(`the operator's simulated CLI has no command: ${command}\n`);
      return 252;
  }
}

process.exitCode = await run();
