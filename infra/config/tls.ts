import { z } from 'zod';
import { parseAddress } from '../cidr.ts';
import { days, text } from './units.ts';

const dnsName =
  /^(?=.{1,253}$)(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** A path, and never the content of what it leads to. */
const pemFile = () => text(/^(?!-----)[^\n\0]{1,400}$/, 'path of a PEM file');

/** The section `tls` of the config. */
export const tls = z
  .strictObject({
    enabled: z.boolean().default(false),
    /** Ports without TLS beside those with it. */
    plainListeners: z.enum(['off', 'keep']).default('off'),
    /** Erlang distribution of the brokers, rabbitmqctl's included. */
    betweenNodes: z.boolean().default(false),
    minVersion: z.enum(['1.2', '1.3']).default('1.2'),
    /** Names and addresses that clients use beside those that the kit knows. */
    names: z.array(text(dnsName, 'a DNS name or an IPv4 address')).default([]),
    /** A user's own; made by the kit without. The key may be a Pulumi secret instead of a file. */
    authority: z
      .strictObject({ certificateFile: pemFile().optional(), keyFile: pemFile().optional() })
      .prefault({}),
    validity: z
      .strictObject({
        authority: days({ min: '2d', max: '7300d' }).prefault('3650d'),
        /** 397 days is what browsers accept at most. */
        certificates: days({ min: '1d', max: '825d' }).prefault('397d'),
      })
      .prefault({}),
  })
  .prefault({});

export type TlsConfig = z.infer<typeof tls>;

/** What a certificate may be valid for, by its kind. */
export const byKind = (hosts: readonly string[]): { names: string[]; addresses: string[] } => ({
  names: hosts.filter((host) => parseAddress(host) === undefined),
  addresses: hosts.filter((host) => parseAddress(host) !== undefined),
});
