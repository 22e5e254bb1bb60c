import { z } from 'zod';

const serverList = z.array(z.strictObject({ host: z.string().nullable(), url: z.url() }));

/** The documented shape of `status --json`; strict, so that a change of it is seen. */
export const statusShape = z.strictObject({
  stack: z.string(),
  target: z.literal('rig'),
  topology: z.enum(['quorum-cluster', 'mirrored-cluster', 'warren', 'drbd-pacemaker']),
  frontEnd: z.enum(['haproxy-keepalived', 'lvs-keepalived', 'direct', 'external', 'pacemaker-vip']),
  endpoints: z.strictObject({
    amqp: z.url(),
    management: z.url(),
    statistics: z.url().nullable(),
    monitoring: z.url().optional(),
  }),
  servers: z.strictObject({
    amqp: serverList,
    management: serverList,
    statistics: serverList,
    monitoring: serverList.optional(),
  }),
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.string().optional(),
      roles: z.array(z.enum(['broker', 'balancer', 'quorum', 'monitor'])),
      zone: z.string(),
      address: z.ipv4(),
      state: z.enum(['running', 'unresponsive', 'stopped']),
    }),
  ),
  vipHolder: z.union([z.string(), z.array(z.string())]).nullable(),
  backends: z.array(
    z.strictObject({
      balancer: z.string(),
      backend: z.string(),
      server: z.string(),
      state: z.string(),
    }),
  ),
  brokers: z.array(
    z.strictObject({
      name: z.string(),
      running: z.boolean(),
      version: z.string().nullable(),
      alarms: z.array(z.string()),
      partitions: z.array(z.string()),
    }),
  ),
  cluster: z
    .strictObject({
      quorate: z.boolean(),
      keptOff: z.array(z.string()),
      deviceVotes: z.boolean(),
      brokerHost: z.string().nullable(),
      onlyCopy: z.string().nullable(),
      members: z.array(
        z.strictObject({
          name: z.string(),
          online: z.boolean(),
          rings: z.array(z.string()),
          disk: z
            .strictObject({
              role: z.string(),
              state: z.string(),
              connection: z.string(),
              syncPercent: z.number().nullable(),
            })
            .nullable(),
        }),
      ),
      resources: z.array(
        z.strictObject({ id: z.string(), state: z.string(), host: z.string().nullable() }),
      ),
      failures: z.array(z.string()),
      fencing: z.array(
        z.strictObject({
          host: z.string(),
          action: z.string(),
          status: z.string(),
          by: z.string().nullable(),
          at: z.string().nullable(),
        }),
      ),
    })
    .optional(),
  certificates: z.array(
    z.strictObject({
      host: z.string(),
      listeners: z.array(z.enum(['amqps', 'management-tls', 'statistics'])),
      serial: z.string(),
      subject: z.string(),
      issuer: z.string(),
      from: z.iso.datetime(),
      expires: z.iso.datetime(),
    }),
  ),
  authorities: z.array(
    z.strictObject({ subject: z.string(), from: z.iso.datetime(), expires: z.iso.datetime() }),
  ),
  queues: z.strictObject({
    leaders: z.record(z.string(), z.int()),
    mirrored: z.array(
      z.strictObject({
        vhost: z.string(),
        name: z.string(),
        master: z.string(),
        state: z.enum(['running', 'down']),
        mirrors: z.array(z.strictObject({ broker: z.string(), synchronised: z.boolean() })),
      }),
    ),
  }),
});

export type Status = z.infer<typeof statusShape>;
