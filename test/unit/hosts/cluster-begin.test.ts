import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/lib/rabbitmq-ha-kit/cluster-begin';
const empty =
  '<cib validate-with="pacemaker-4.0"><configuration><crm_config/><nodes/></configuration></cib>';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`drbd-pacemaker/${program}`);
  host.put('var/lib/pacemaker/cib/cib.last', '1');
  host.put('empty', `${empty}\n`);
  host.fake('cibadmin', '[ "$*" = --empty ] && cat "$ROOT/empty"');
  host.fake('chown', 'echo "$*" >> "$ROOT/done"');
});
afterEach(() => {
  host.remove();
});

describe('cluster-begin', () => {
  it('has the first start on a host begin a cluster soon', () => {
    expect(host.run(program).code).toBe(0);
    const [written] = host.lines('var/lib/pacemaker/cib/cib.xml');
    expect(written).toContain(
      '<crm_config><cluster_property_set id="rabbitmq-ha-kit">' +
        '<nvpair id="dc-deadtime" name="dc-deadtime" value="1s"/>' +
        '<nvpair id="stonith-enabled" name="stonith-enabled" value="false"/>' +
        '</cluster_property_set></crm_config>',
    );
    expect(written).toContain('<nodes/>');
    expect(host.lines('done').join()).toContain('hacluster:haclient');
  });

  it('leaves what a cluster has written', () => {
    host.put('var/lib/pacemaker/cib/cib.xml', 'live\n');
    expect(host.run(program).code).toBe(0);
    expect(host.lines('var/lib/pacemaker/cib/cib.xml')).toEqual(['live']);
  });

  it('leaves nothing half made', () => {
    host.fake('cibadmin', 'exit 1');
    expect(host.run(program).code).not.toBe(0);
    expect(host.has('var/lib/pacemaker/cib/cib.xml')).toBe(false);
  });
});
