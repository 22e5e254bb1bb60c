import { describe, expect, it } from 'vitest';
import { UserError } from '../../../infra/errors.ts';
import { refuseProtected } from '../../../scripts/lib/protected.ts';

const volume = (protect: boolean) => ({
  urn: 'urn:pulumi:shop::rabbitmq-ha-kit::kit:index:RabbitmqEnvironment$aws:ebs/volume:Volume::shop-broker-1-data',
  type: 'aws:ebs/volume:Volume',
  id: 'vol-0123456789abcdef0',
  protect,
});
const host = { urn: 'urn:pulumi:shop::x::aws:ec2/instance:Instance::shop-broker-1', type: 'x' };

describe.each([
  ['the file backend', (resources: object[]) => ({ checkpoint: { latest: { resources } } })],
  ['an export', (resources: object[]) => ({ deployment: { resources } })],
])('a stack in the state of %s', (_, stateOf) => {
  const refuse = (...resources: object[]) => {
    refuseProtected('shop', JSON.stringify(stateOf(resources)));
  };

  it('is not taken down over protected disks: they are named, with both ways on', () => {
    const error = (() => {
      try {
        refuse(host, volume(true));
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(UserError);
    const { what, value, allowed } = (error as UserError).parts;
    expect(what).toContain('nothing was changed');
    expect(value).toBe('shop-broker-1-data (vol-0123456789abcdef0)');
    expect(allowed).toEqual([
      expect.stringContaining('aws.testRig: true'),
      expect.stringContaining('--exclude-protected'),
    ]);
  });

  it('is taken down where nothing is protected', () => {
    expect(() => {
      refuse(host, volume(false));
    }).not.toThrow();
    expect(() => {
      refuse();
    }).not.toThrow();
  });
});
