import { describe, expect, it } from 'vitest';
import { prunable } from '../../../infra/rig-provider/images/index.ts';

describe('images that can go', () => {
  const folders = ['/c/trixie-a', '/c/trixie-ab', '/c/.damaged-x-1', '/c/.building-trixie'];

  it('are those that no record names', () => {
    expect(prunable(folders, ['/c/trixie-ab/rootfs'], true)).toEqual(['/c/trixie-a']);
    expect(prunable(folders, ['/c/trixie-a/rootfs', '/c/trixie-ab/rootfs'], true)).toEqual([]);
  });

  it('include damaged ones once there is no host, and never one in the making', () => {
    expect(prunable(folders, [], false)).toEqual([
      '/c/trixie-a',
      '/c/trixie-ab',
      '/c/.damaged-x-1',
    ]);
  });
});
