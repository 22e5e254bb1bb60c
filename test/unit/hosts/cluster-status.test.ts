import { afterEach, beforeEach, expect, it } from 'vitest';
import { clusterAnswer } from '../../../infra/operations/cluster/answers.ts';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/sbin/cluster-status';
let host: HostRoot;

/** As `crm_mon --as-xml` of Pacemaker 3 prints it, without what nobody reads. */
const pacemaker = `<pacemaker-result api-version="2.38" request="crm_mon --as-xml">
  <summary><current_dc present="true" name="drbd-b" with_quorum="true"/></summary>
  <nodes>
    <node name="drbd-a" online="false" unclean="true" pending="false"/>
    <node name="drbd-b" online="true" unclean="false" pending="false"/>
    <node name="drbd-c" online="true" unclean="false" pending="true"/>
  </nodes>
  <resources>
    <clone id="drbd-clone"><resource id="drbd" resource_agent="ocf:linbit:drbd" role="Promoted" failed="false" blocked="false">
      <node name="drbd-b" id="2"/></resource></clone>
    <group id="rabbitmq"><resource id="broker" resource_agent="systemd:rabbitmq-server" role="Stopped" failed="true" blocked="true"/></group>
  </resources>
  <bans>
    <ban id="cli-ban-rabbitmq-on-drbd-a" resource="rabbitmq" node="drbd-a" weight="-1000000"/>
    <ban id="drbd-fence-by-handler-rabbitmq-drbd-clone" resource="drbd-clone" node="drbd-c" weight="-1000000"/>
  </bans>
  <failures>
    <failure op_key="broker_start_0" node="drbd-b" exitstatus="error" exitreason="it took too long"/>
    <failure op_key="drbd_monitor_20000" node="drbd-a" exitstatus="not running" exitreason=""/>
  </failures>
  <fence_history><fence_event action="off" target="drbd-a" delegate="drbd-b" status="success" completed="2026-11-22 10:00:00Z"/></fence_history>
</pacemaker-result>`;

const links = `Local node ID 2, transport knet
LINK ID 0 udp
\taddr\t= 10.77.4.12
\tstatus:
\t\tnodeid:          1:\tdisconnected
\t\tnodeid:          2:\tlocalhost
`;

const votes = `Votequorum information
----------------------
Expected votes:   3
Highest expected: 3
Total votes:      2
Quorum:           2
`;

const drbd = `version: 8.4.11 (api:1/proto:86-101)

 0: cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----
    ns:102400 nr:0 dw:0 dr:103424 al:8 bm:0 lo:0 pe:2 ua:0 ap:0 ep:1 wo:f oos:921600
\t[=>..................] sync'ed: 10.2% (921600/1023932)K
`;

beforeEach(() => {
  host = new HostRoot();
  host.program(`drbd-pacemaker/${program}`);
  for (const [name, file] of [
    ['crm_mon', 'pacemaker'],
    ['corosync-cfgtool', 'links'],
    ['cibadmin', 'noted'],
    ['corosync-quorumtool', 'votes'],
  ] as const) {
    host.fake(name, `cat "$ROOT/${file}"`);
  }
  host.put('pacemaker', pacemaker);
  host.put('links', links);
  host.put('noted', '');
  host.put('votes', votes);
});
afterEach(() => {
  host.remove();
});

const answer = (): unknown => {
  const { code, stdout, stderr } = host.run(program);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const said: unknown = JSON.parse(stdout);
  // Nothing that readers do not know of, and nothing missing.
  expect(clusterAnswer.parse(said)).toEqual(said);
  return said;
};

it('tells members, resources, failures and fencing as Pacemaker has them', () => {
  const [off, on] = [
    { online: false, unclean: true },
    { online: true, unclean: false },
  ];
  expect(answer()).toMatchObject({
    cluster: {
      quorate: true,
      // One that is still joining is not there yet.
      members: [
        { name: 'drbd-a', ...off },
        { name: 'drbd-b', ...on },
        { name: 'drbd-c', online: false },
      ],
      resources: [
        { id: 'drbd', role: 'Promoted', host: 'drbd-b', failed: false, blocked: false },
        { id: 'broker', role: 'Stopped', host: null, failed: true, blocked: true },
      ],
      keptOff: ['drbd-a'],
      failures: [
        { host: 'drbd-b', operation: 'broker_start_0', reason: 'it took too long' },
        { host: 'drbd-a', operation: 'drbd_monitor_20000', reason: 'not running' },
      ],
      fencing: [{ host: 'drbd-a', action: 'off', status: 'success', by: 'drbd-b' }],
    },
  });
});

it('tells the links, the disk and how far a copy has come', () => {
  host.put('proc/drbd', drbd);
  expect(answer()).toMatchObject({
    rings: [{ link: 0, address: '10.77.4.12', peers: { 1: 'disconnected' } }],
    votes: { expected: 3, total: 2 },
    disk: {
      connection: 'SyncSource',
      role: 'Primary',
      peerRole: 'Secondary',
      state: 'UpToDate',
      peerState: 'Inconsistent',
      syncPercent: 10.2,
      outOfSyncKiB: 921_600,
    },
    onlyCopy: null,
  });
});

it('tells whose copy alone is whole', () => {
  host.put('noted', '<expression attribute="#uname" operation="ne" value="drbd-b" id="x"/>');
  expect(answer()).toMatchObject({ onlyCopy: 'drbd-b' });
});

it('a host whose kernel has no DRBD, and no cluster that runs, has an answer, too', () => {
  for (const name of ['crm_mon', 'corosync-cfgtool', 'corosync-quorumtool', 'cibadmin']) {
    host.fake(name, 'echo "cannot connect" >&2; exit 102');
  }
  expect(answer()).toEqual({ cluster: null, rings: [], votes: null, disk: null, onlyCopy: null });
});

it.each([
  ['DRBD is loaded, its disk is down', ' 0: cs:Unconfigured\n'],
  ['DRBD is loaded, nothing is set up', ''],
])('%s', (_, line) => {
  host.put('proc/drbd', `version: 8.4.11 (api:1/proto:86-101)\n\n${line}`);
  expect(answer()).toMatchObject({ disk: null });
});
