import { expect, it } from 'vitest';
import { describedIn } from '../../../scripts/lib/way.ts';

const way = { kind: 'aws', stack: 'shop', region: 'eu-central-1', method: 'instance-connect' };
const guard = (channel: unknown) => ({ type: 'rig:rabbitmq:ChangeGuard', inputs: { channel } });

it('hosts of a state are reached as their resources were told', () => {
  const instance = { type: 'aws:ec2/instance:Instance', inputs: {} };
  expect(describedIn('shop', [instance, guard(way)])).toEqual(way);
});

it('a way that holds a key is a secret, in an envelope', () => {
  const told = { ...way, privateKey: 'KEY' };
  const envelope = { '4dabf18193072939515e22adb298388d': 'x', plaintext: JSON.stringify(told) };
  expect(describedIn('shop', [guard(envelope)])).toEqual(told);
});

it('a state that tells none is that of a rig', () => {
  const host = { type: 'rig:index:Host', inputs: {} };
  expect(describedIn('shop', [host])).toEqual({ kind: 'rig', stack: 'shop' });
  expect(describedIn('shop', [])).toEqual({ kind: 'rig', stack: 'shop' });
});
