import { describe, expect, it } from 'vitest';
import { UserError } from '../../../infra/errors.ts';
import { refuseProtected, refuseProtectedRemoval } from '../../../scripts/lib/protected.ts';

const volume = (protect: boolean) => ({
  urn: 'urn:pulumi:shop::rabbitmq-ha-kit::kit:index:RabbitmqEnvironment$aws:ebs/volume:Volume::shop-broker-1-data',
  type: 'aws:ebs/volume:Volume',
  id: 'vol-0123456789abcdef0',
  protect,
});
const planned = (...names: readonly string[]) =>
  ({ stack: 'shop', hosts: [{ volumes: names.map((name) => ({ name })) }] }) as never;
const host = { urn: 'urn:pulumi:shop::x::aws:ec2/instance:Instance::shop-broker-1', type: 'x' };

function partsOf(work: () => void): UserError['parts'] {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).parts;
  }
  throw new Error('nothing was refused');
}

describe.each([
  ['the file backend', (resources: object[]) => ({ checkpoint: { latest: { resources } } })],
  ['an export', (resources: object[]) => ({ deployment: { resources } })],
])('a stack in the state of %s', (_, stateOf) => {
  const refuse = (...resources: object[]) => {
    refuseProtected('shop', JSON.stringify(stateOf(resources)));
  };

  it('is not taken down over protected disks: they are named, with both ways on', () => {
    const { what, value, allowed } = partsOf(() => {
      refuse(host, volume(true));
    });
    expect(what).toContain('nothing was changed');
    expect(value).toBe('shop-broker-1-data (vol-0123456789abcdef0)');
    expect(allowed).toEqual([
      expect.stringContaining('aws.testRig: true'),
      expect.stringContaining('--exclude-protected'),
    ]);
  });

  it('keeps its hosts while their disks are protected: each has the command that lets it go', () => {
    const state = JSON.stringify(stateOf([host, volume(true)]));
    const { what, value, allowed } = partsOf(() => {
      refuseProtectedRemoval(planned('broker-2-data'), state);
    });
    expect(what).toContain('nothing was changed');
    expect(value).toBe('shop-broker-1-data (vol-0123456789abcdef0)');
    expect(allowed).toContain(
      `npm run pulumi -- --stack shop state unprotect --yes '${volume(true).urn}'`,
    );
  });

  it('loses hosts whose disks are not protected, and keeps those of the plan', () => {
    expect(() => {
      refuseProtectedRemoval(planned(), JSON.stringify(stateOf([host, volume(false)])));
      refuseProtectedRemoval(planned('broker-1-data'), JSON.stringify(stateOf([volume(true)])));
    }).not.toThrow();
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
