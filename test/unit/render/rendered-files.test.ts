import { describe, expect, it } from 'vitest';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { goldenTree, type Tree } from '../../lib/golden.ts';
import { everySampleName, samplePlan } from '../../lib/sample-environments.ts';

describe.each(everySampleName)('files of the sample %s', (sample) => {
  const plan = samplePlan(sample);
  const rendered = renderEnvironment(plan);

  it.each(plan.hosts.map(({ name }) => name))('%s', (name) => {
    // Copies of templates/ say nothing new; what is rendered does.
    const copied = new Set(
      plan.hosts
        .find((host) => host.name === name)
        ?.files.filter(({ template }) => !template.endsWith('.hbs'))
        .map(({ template, path }) => path ?? template.slice(template.indexOf('/'))),
    );
    const files = rendered.find((host) => host.name === name)?.files ?? [];
    const tree: Tree = Object.fromEntries(
      files
        .filter(({ path }) => !copied.has(path))
        .map(({ path, content }) => [path.slice(1), content]),
    );
    expect(tree).toEqual(goldenTree(`${sample}/${name}`, tree));
  });
});
