import { describe, expect, it } from 'vitest';
import { hostKinds } from '../../../infra/rig/host-kinds.ts';

const host = (name: string, ...kernelModules: string[]) => ({
  name,
  image: 'trixie' as const,
  kernelModules,
});
const hosts = [host('broker-1'), host('director-1', 'ip_vs', 'ipip'), host('store-1', 'drbd')];
const plan = (hostKind: 'auto' | 'container' | 'machine') => ({
  stack: 'trial',
  rig: { hostKind, cpus: 1 },
  hosts,
});
const kindsOf = (...args: Parameters<typeof hostKinds>) => Object.fromEntries(hostKinds(...args));

describe('kinds of hosts', () => {
  it('are machines where this kernel lacks a module that the host needs', () => {
    const lacks = (module: string) => module !== 'drbd';
    expect(kindsOf(plan('auto'), lacks)).toEqual({
      'broker-1': 'container',
      'director-1': 'container',
      'store-1': 'machine',
    });
    expect(kindsOf(plan('auto'), (module) => module === 'ip_vs')).toEqual({
      'broker-1': 'container',
      'director-1': 'machine',
      'store-1': 'machine',
    });
  });

  it('are what the config wants, without any trial', () => {
    const none = (): never => {
      throw new Error('nothing is to be tried');
    };
    expect(new Set(hostKinds(plan('machine'), none).values())).toEqual(new Set(['machine']));
    const plain = { ...plan('auto'), hosts: [host('broker-1')] };
    expect(kindsOf(plain, none)).toEqual({ 'broker-1': 'container' });
  });

  it('are refused where a container could not do its work', () => {
    expect(kindsOf(plan('container'), () => true)['store-1']).toBe('container');
    expect(() => hostKinds(plan('container'), (module) => module === 'drbd')).toThrow(
      'hosts of trial need kernel modules that containers of this machine cannot use: director-1: ip_vs, ipip',
    );
  });

  it('are judged by a trial of this very kernel', () => {
    const rigHost = { ...plan('auto'), hosts: [host('broker-1', 'no_such_module_at_all')] };
    expect(kindsOf(rigHost)).toEqual({ 'broker-1': 'machine' });
  });
});
