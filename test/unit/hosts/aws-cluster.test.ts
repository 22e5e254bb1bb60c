import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const lib = 'usr/local/lib/rabbitmq-ha-kit';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.put('etc/rabbitmq-ha-kit/host.env', "STACK='mq'\nHOST='drbd-b'\n");
  host.put('etc/rabbitmq-ha-kit/target.env', "export AWS_DEFAULT_REGION='eu-central-1'\n");
});
afterEach(() => {
  host.remove();
});

describe('fence_aws_host', () => {
  const agent = 'usr/sbin/fence_aws_host';

  /** EC2 answers with the next state at each question; the last one stays. */
  function instances(...states: readonly string[]): void {
    states.forEach((state, index) => {
      host.put(`states/${index}`, state);
    });
    host.fake(
      'aws',
      `echo "$*" >> "$ROOT/asked"
set -- "$ROOT"/states/*
cat "$1"; [ $# -eq 1 ] || rm "$1"`,
    );
  }

  beforeEach(() => {
    host.program(`drbd-pacemaker/${agent}`);
    host.fake('sleep', '');
    host.fake('fence_aws', 'echo "$*" >> "$ROOT/fenced"');
  });

  it('has the instance of today stopped, and says so once it is dead', () => {
    instances('i-1 running\n', 'i-1 stopping\n', 'i-1 stopped\n');
    expect(host.run(agent, [], 'action=off\nplug=drbd-a\n').code).toBe(0);
    expect(host.lines('fenced')).toEqual([
      '--action=off --plug=i-1 --region=eu-central-1 --disable-timeout=false',
    ]);
    expect(host.lines('asked')).toHaveLength(3);
    expect(host.read('asked')).toContain(
      'Name=tag:rabbitmq-ha-kit:stack,Values=mq Name=tag:rabbitmq-ha-kit:host,Values=drbd-a',
    );
  });

  it('stops the new instance of a host that was made anew, whatever became of the old one', () => {
    instances('i-1 terminated\ni-2 running\n', 'i-1 terminated\ni-2 stopped\n');
    expect(host.run(agent, ['--action', 'off', '--plug', 'drbd-a']).code).toBe(0);
    expect(host.lines('fenced').map((line) => line.split(' ')[1])).toEqual(['--plug=i-2']);
  });

  it('takes one that was terminated for dead, but not one that is about to be', () => {
    instances('i-1 shutting-down\n', 'i-1 terminated\n');
    expect(host.run(agent, ['--action', 'off', '--plug', 'drbd-a']).code).toBe(0);
    expect(host.lines('asked')).toHaveLength(2);
    expect(host.has('fenced')).toBe(false);
  });

  it('asks again when EC2 does not answer, or the agent fails', () => {
    instances('i-1 running\n', 'i-1 running\n', 'i-1 stopped\n');
    host.fake('fence_aws', 'echo "$*" >> "$ROOT/fenced"; exit 1');
    expect(host.run(agent, ['--action', 'off', '--plug', 'drbd-a']).code).toBe(0);
    expect(host.lines('fenced')).toHaveLength(2);
  });

  it('fails in the end, with what it saw last', () => {
    instances('i-1 running\n');
    host.fake('date', 'echo x >> "$ROOT/looks"; echo $(($(wc -l < "$ROOT/looks") * 100))');
    const { code, stderr } = host.run(agent, ['--action', 'off', '--plug', 'drbd-a']);
    expect([code, stderr]).toEqual([
      1,
      'fence_aws_host: drbd-a is not dead after 280 s; last seen: i-1 running\n',
    ]);
  });

  it('calls no host dead that EC2 does not know', () => {
    instances('');
    const { code, stderr } = host.run(agent, ['--action', 'off', '--plug', 'drbd-c']);
    expect([code, stderr]).toEqual([
      1,
      'fence_aws_host: EC2 has no instance of drbd-c in stack mq\n',
    ]);
    expect(host.has('fenced')).toBe(false);
  });

  it.each([
    ['i-1 running\n', 0],
    ['i-1 stopping\n', 0],
    ['i-1 stopped\n', 2],
  ])('tells the power of %j', (state, code) => {
    instances(state);
    expect(host.run(agent, ['--action', 'status', '--plug', 'drbd-a']).code).toBe(code);
  });

  it('is fit as long as EC2 answers of its own host', () => {
    instances('i-2 running\n');
    expect(host.run(agent, ['--action', 'monitor']).code).toBe(0);
    host.fake('aws', 'echo UnauthorizedOperation >&2; exit 254');
    expect(host.run(agent, ['--action', 'monitor'])).toMatchObject({
      code: 1,
      stderr: 'UnauthorizedOperation\n',
    });
    expect(host.run(agent, ['--action', 'metadata']).stdout).toContain('<action name="off"/>');
  });
});

describe('cluster-load', () => {
  const program = `${lib}/cluster-load`;
  beforeEach(() => {
    host.program(`drbd-pacemaker/${program}`);
    host.program(`drbd-pacemaker/${lib}/cluster-facts`);
    host.put('etc/rabbitmq-ha-kit/drbd.env', '');
    host.put('etc/rabbitmq-ha-kit/cluster.xml', '<a t="@ROUTE_TABLES@"/>\n<b i="@INTERFACE@"/>\n');
    host.put('run/rabbitmq-ha-kit/.here', '');
    host.put('var/lib/.here', '');
    host.put(`${lib}/metadata`, '#!/bin/sh\necho rtb-1 rtb-2\n', 0o755);
    host.fake('ip', 'echo "default via 10.77.16.1 dev ens5 proto dhcp src 10.77.20.11 metric 100"');
    host.fake('crm_mon', 'yes "<node online=\\"true\\" pending=\\"false\\"/>" | head -n 2');
    host.fake(
      'cibadmin',
      `case $1 in
  --modify) cat "$6" > "$ROOT/loaded"; echo x >> "$ROOT/loads" ;;
  --query) cat "$ROOT/cib" ;;
  --delete) echo "$5" >> "$ROOT/deleted" ;;
esac`,
    );
    host.put('cib', '<resources><primitive id="broker"/></resources>');
    host.fake('sleep', `[ ! -e "$ROOT/meanwhile" ] || sh "$ROOT/meanwhile"`);
  });

  it('tells the cluster what only the host can know, once', () => {
    expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
    expect(host.read('loaded')).toBe('<a t="rtb-1,rtb-2"/>\n<b i="ens5"/>\n');
    expect(host.run(program).code).toBe(0);
    expect(host.lines('loads')).toHaveLength(1);
  });

  it('takes fencing out of the cluster where the config no longer has it, and only there', () => {
    host.put('cib', '<resources><primitive id="power" class="stonith"/></resources>');
    expect(host.run(program).code).toBe(0);
    expect(host.lines('deleted')).toEqual(['<primitive id="power"/>']);
    host.put('etc/rabbitmq-ha-kit/cluster.xml', '<primitive id="power" class="stonith"/>\n');
    expect(host.run(program).code).toBe(0);
    expect(host.lines('loads')).toHaveLength(2);
    expect(host.lines('deleted')).toHaveLength(1);
  });

  it('waits for it', () => {
    host.fake('ip', '[ ! -e "$ROOT/up" ] || echo "default via 10.77.16.1 dev ens5"');
    host.put('meanwhile', `touch ${host.path}/up\n`);
    expect(host.run(program).code).toBe(0);
    expect(host.read('loaded')).toContain('ens5');
  });

  it('loads it as it is where nothing is missing', () => {
    host.put(`${lib}/cluster-facts`, '');
    expect(host.run(program).code).toBe(0);
    expect(host.read('loaded')).toContain('@ROUTE_TABLES@');
  });
});

describe('link-volumes', () => {
  const program = `${lib}/link-volumes`;
  const device = 'dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0';
  beforeEach(() => {
    host.program(`aws/${program}`);
    host.put('etc/rabbitmq-ha-kit/target.env', "VOLUMES='drbd-a-data='\n");
    host.put(`${lib}/metadata`, '#!/bin/sh\necho vol-0123456789abcdef0\n', 0o755);
    host.fake('sleep', `sh "$ROOT/meanwhile"`);
  });

  it('names a volume once it is attached, and again when it is another one', () => {
    host.put(
      'meanwhile',
      `mkdir -p ${host.path}/dev/disk/by-id; echo one > ${host.path}/${device}\n`,
    );
    expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
    const name = 'dev/disk/rabbitmq-ha-kit/drbd-a-data';
    expect(host.read(name)).toBe('one\n');
    host.put(device.replace(/0$/, '1'), 'two\n');
    host.put(`${lib}/metadata`, '#!/bin/sh\necho vol-0123456789abcdef1\n', 0o755);
    expect(host.run(program).code).toBe(0);
    expect(host.read(name)).toBe('two\n');
  });

  it('says which one is not there', () => {
    host.put('meanwhile', '');
    host.fake('date', 'echo x >> "$ROOT/looks"; echo $(($(wc -l < "$ROOT/looks") * 200))');
    const { code, stderr } = host.run(program);
    expect(code).toBe(1);
    expect(stderr).toContain('volume drbd-a-data, vol-0123456789abcdef0, is not attached');
  });
});
