import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { topologies } from '../../../infra/config/names.ts';
import { targetFacts } from '../../../infra/plan/aws/facts.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import type { RenderedHost } from '../../../infra/render/model.ts';
import { plan } from '../../lib/plans.ts';
import { goTogether, movesBy } from '../../lib/combinations.ts';

type Files = Readonly<Record<string, string>>;

/** What is left of a host's files without the facts that are declared to differ. */
function common(files: Files, used: Set<string>): Files {
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, content]) => {
      const facts = targetFacts.filter((fact) => fact.path.test(path));
      for (const { why } of facts) used.add(why);
      if (facts.some(({ lines }) => lines === 'whole file')) return [];
      const kept = content
        .split('\n')
        .filter((line) => !facts.some(({ lines }) => lines !== 'whole file' && lines.test(line)));
      return [[path, kept.join('\n')]];
    }),
  );
}

const filesOf = ({ files }: RenderedHost): Files =>
  Object.fromEntries(files.map(({ path, content }) => [path, content]));

/** The document itself: its files by path, with those that come beside it, and the rest. */
function documentOf({ userData, lateFiles, latePrograms }: RenderedHost): {
  files: Files;
  rest: object;
} {
  const { write_files, ...rest } = parse(userData) as {
    readonly write_files: readonly { readonly path: string; readonly content: string }[];
  };
  return {
    files: Object.fromEntries(
      [...write_files, ...lateFiles, ...latePrograms].map(({ path, content }) => [path, content]),
    ),
    rest,
  };
}

const shared = {
  tls: { enabled: true },
  monitoring: { enabled: true },
  network: { zones: ['a', 'b', 'c'] },
};
const region = 'eu-central-1';
const sections = {
  overlay: { region },
  'secondary-ip': { region, virtualAddress: { mechanism: 'secondary-ip' } },
  'elastic-ip': { region, goldenImage: true, virtualAddress: { mechanism: 'elastic-ip' } },
};
const cases = topologies.flatMap((topology) =>
  (['haproxy-keepalived', 'lvs-keepalived', 'pacemaker-vip', 'direct'] as const)
    .filter((frontEnd) => goTogether(frontEnd, topology))
    .flatMap((frontEnd) =>
      Object.entries(sections)
        .filter(([mechanism]) => movesBy(mechanism, topology))
        .map(([mechanism, aws]) => ({ topology, frontEnd, mechanism, aws })),
    ),
);
const used = new Set<string>();

describe.each(cases)('a $topology behind $frontEnd, $mechanism', ({ topology, frontEnd, aws }) => {
  const config = { ...shared, frontEnd };
  const onRig = renderEnvironment(plan(topology, config));
  const onAws = renderEnvironment(plan(topology, { ...config, target: 'aws', aws }));

  it('has the same hosts', () => {
    expect(onAws.map(({ name }) => name)).toEqual(onRig.map(({ name }) => name));
  });

  it.each(onRig.map(({ name }, index) => [name, index] as const))(
    'has the same files and user-data but for declared facts: %s',
    (_name, index) => {
      const [rig, ec2] = [onRig[index], onAws[index]];
      if (rig === undefined || ec2 === undefined) throw new Error('a host is missing');
      expect(common(filesOf(ec2), used)).toEqual(common(filesOf(rig), used));
      const [here, there] = [documentOf(rig), documentOf(ec2)];
      expect(there.rest).toEqual(here.rest);
      expect(common(there.files, used)).toEqual(common(here.files, used));
    },
  );
});

it('every declared fact is one', () => {
  expect([...used].sort()).toEqual([...new Set(targetFacts.map(({ why }) => why))].sort());
});

it('what is not declared would be seen', () => {
  const facts = new Set<string>();
  const path = '/etc/haproxy/haproxy.cfg';
  const one = common({ [path]: '\tbind 10.0.0.1:5672\n\tserver a 10.0.0.2:5672\n' }, facts);
  const other = common({ [path]: '\tbind 10.9.0.1:5672\n\tserver a 10.9.0.2:5672\n' }, facts);
  expect(one).not.toEqual(other);
});
