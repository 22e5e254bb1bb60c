import { describe, expect, it } from 'vitest';
import { withoutComments } from '../../../infra/render/programs.ts';

describe('comments of templates', () => {
  const program =
    '#!/bin/sh\n# Why.\nset -eu\n  # How.\n# shellcheck disable=SC2086\necho $x # kept\n';
  const left = '#!/bin/sh\nset -eu\n# shellcheck disable=SC2086\necho $x # kept\n';

  it('stay in the repository where programs are copied or rendered', () => {
    expect(withoutComments('common/usr/local/bin/program', program)).toBe(left);
    expect(withoutComments('common/usr/local/bin/program.hbs', program)).toBe(left);
  });
  it('stay in the repository where anything else is copied', () => {
    expect(withoutComments('common/etc/unit.service', '[Unit]\n# Why.\nA=b\n')).toBe(
      '[Unit]\nA=b\n',
    );
  });
  it('are on hosts in rendered settings', () => {
    const settings = '# Why.\nport = {{port}}\n';
    expect(withoutComments('broker/etc/settings.conf.hbs', settings)).toBe(settings);
  });
});
