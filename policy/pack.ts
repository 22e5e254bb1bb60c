/**
 * The checks of infra/aws/checks as a Pulumi policy pack: `pulumi preview --policy-pack policy` refuses an
 * environment that does not hold them, whatever its config or a change of the kit's code made of it.
 */
import { PolicyPack } from '@pulumi/policy';
import { checks } from '../infra/aws/checks/index.ts';
import { environmentsIn } from './environments.ts';

new PolicyPack('rabbitmq-ha-kit', {
  enforcementLevel: 'mandatory',
  policies: checks.map(({ name, description, find }) => ({
    name,
    description,
    validateStack: ({ resources }, report) => {
      for (const { graph, flows } of environmentsIn(resources)) {
        for (const { resource, problem } of find(graph, flows)) {
          report(`${resource.name} ${problem}`, resource.urn);
        }
      }
    },
  })),
});
