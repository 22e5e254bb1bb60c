/**
 * Plans and renders an environment of so many hosts and prints its milliseconds as JSON:
 * `plan-render.ts HOSTS RUNS`. A process of its own, so that the first run is as cold as in a
 * Pulumi program: nothing compiled, no template read.
 */
import { loadEnvironment } from '../../infra/config/load.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import { renderEnvironment } from '../../infra/render/environment.ts';

/** Milliseconds of each run; the first is cold. */
export interface PlanRenderRuns {
  readonly runs: readonly number[];
}

if (import.meta.main) {
  const [hosts = NaN, runs = NaN] = process.argv.slice(2).map(Number);
  const config = loadEnvironment({ topology: 'quorum-cluster' }, undefined, 'bench');
  const balancers = planEnvironment(config).hosts.length - config.quorumCluster.brokers;
  // More brokers than a config may ask for; their number is all that grows.
  const quorumCluster = { ...config.quorumCluster, brokers: hosts - balancers };
  const took: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    const rendered = renderEnvironment(planEnvironment({ ...config, quorumCluster }));
    took.push(performance.now() - start);
    if (rendered.length !== hosts) throw new Error(`${rendered.length} hosts instead of ${hosts}`);
  }
  const result: PlanRenderRuns = { runs: took };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
