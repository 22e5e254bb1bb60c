import { expect, it } from 'vitest';
import { samplePlan } from '../../lib/sample-environments.ts';

const without = samplePlan('quorum').hosts;
const lives = samplePlan('monitored').hosts.filter(({ name }) =>
  without.some((host) => host.name === name),
);

/** A first boot enables a host's units: on a live host only reactions to new files do. */
it.each(lives)('$name starts what monitoring adds to it', ({ name, units, files }) => {
  const former = without.find((host) => host.name === name)?.units ?? [];
  const added = units.filter((unit) => !former.includes(unit));
  const reactions = files.map(({ onChange }) => [onChange].flat().join(' '));
  expect(added).not.toEqual([]);
  for (const unit of added) {
    const starting = reactions.filter((each) => /\b(restart|start)\b/.test(each));
    expect(starting.some((each) => each.includes(unit))).toBe(true);
  }
});
