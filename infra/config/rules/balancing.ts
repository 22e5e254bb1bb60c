import { type Rule, showDuration } from './rule.ts';

const section = 'haproxyKeepalived';

/** Idle AMQP connections live by their heartbeats alone; two of them must fit. */
const timeoutsAboveHeartbeat: Rule = ({ rabbitmq, haproxyKeepalived: { timeouts } }) =>
  (['client', 'server'] as const)
    .filter((side) => timeouts[side] < 2 * rabbitmq.heartbeat)
    .map((side) => ({
      path: `${section}.timeouts.${side}`,
      what: 'would cut idle AMQP connections between two heartbeats',
      value: showDuration(timeouts[side]),
      allowed: `at least twice rabbitmq.heartbeat: ${showDuration(2 * rabbitmq.heartbeat)}`,
      fix: 'raise the timeout or shorten the heartbeat',
      related: ['rabbitmq.heartbeat', `${section}.profile`],
    }));

const checkFitsInterval: Rule = ({ haproxyKeepalived: { healthCheck, timeouts } }) =>
  timeouts.check === undefined || timeouts.check <= healthCheck.interval
    ? []
    : [
        {
          path: `${section}.timeouts.check`,
          what: 'is longer than the interval, so that a silent broker delays its own next check',
          value: showDuration(timeouts.check),
          allowed: `at most ${section}.healthCheck.interval: ${showDuration(healthCheck.interval)}`,
          fix: 'shorten the timeout or lengthen the interval',
          related: [`${section}.healthCheck.interval`, `${section}.profile`],
        },
      ];

const fastIsFaster: Rule = ({ haproxyKeepalived: { healthCheck } }) =>
  healthCheck.fastInterval === undefined || healthCheck.fastInterval <= healthCheck.interval
    ? []
    : [
        {
          path: `${section}.healthCheck.fastInterval`,
          what: 'is slower than the normal interval',
          value: showDuration(healthCheck.fastInterval),
          allowed: `at most ${section}.healthCheck.interval: ${showDuration(healthCheck.interval)}`,
          fix: 'shorten it or lengthen the interval',
          related: [`${section}.healthCheck.interval`, `${section}.profile`],
        },
      ];

const proxyFitsProcess: Rule = ({ haproxyKeepalived: { maxConnections } }) =>
  maxConnections.proxy <= maxConnections.process
    ? []
    : [
        {
          path: `${section}.maxConnections.proxy`,
          what: 'is more than the whole process takes',
          value: String(maxConnections.proxy),
          allowed: `at most ${section}.maxConnections.process: ${maxConnections.process}`,
          fix: 'lower it or raise the limit of the process',
          related: [`${section}.maxConnections.process`, `${section}.profile`],
        },
      ];

/** Ports that a balancer serves besides the page. */
const servedPorts = [5671, 5672, 15_671, 15_672];

const freeStatisticsPort: Rule = ({ haproxyKeepalived: { statistics } }) =>
  servedPorts.includes(statistics.port)
    ? [
        {
          path: `${section}.statistics.port`,
          what: 'is the port of a balanced service',
          value: String(statistics.port),
          allowed: `any port but ${servedPorts.join(', ')}`,
          fix: 'choose another port, e.g. 8100',
        },
      ]
    : [];

const trackFitsInterval: Rule = ({ haproxyKeepalived: { vrrp } }) =>
  vrrp.check.timeout === undefined || vrrp.check.timeout <= vrrp.check.interval
    ? []
    : [
        {
          path: `${section}.vrrp.check.timeout`,
          what: 'is longer than the interval, so that checks would overlap',
          value: showDuration(vrrp.check.timeout),
          allowed: `at most vrrp.check.interval: ${showDuration(vrrp.check.interval)}`,
          fix: 'shorten the timeout or lengthen the interval',
          related: [`${section}.vrrp.check.interval`, `${section}.profile`],
        },
      ];

const externalCheckFits: Rule = ({ external: { healthCheck } }) =>
  healthCheck.timeout <= healthCheck.interval
    ? []
    : [
        {
          path: 'external.healthCheck.timeout',
          what: 'is longer than the interval, so that checks would overlap',
          value: showDuration(healthCheck.timeout),
          allowed: `at most external.healthCheck.interval: ${showDuration(healthCheck.interval)}`,
          fix: 'shorten the timeout or lengthen the interval',
          related: ['external.healthCheck.interval'],
        },
      ];

export const balancingRules: readonly Rule[] = [
  timeoutsAboveHeartbeat,
  checkFitsInterval,
  fastIsFaster,
  proxyFitsProcess,
  freeStatisticsPort,
  trackFitsInterval,
  externalCheckFits,
];
