import type { Command } from 'commander';
import { z } from 'zod';
import type { CaptureConfiguration } from '../protocol/helper.ts';
import { collectInterface, collectText } from './arguments.ts';

/** Options of the commands that may start a capture (`live`, `serve`). */
export const CaptureOptions = z.object({
  interface: z.array(z.string()).optional(),
  filter: z.string().default(''),
  localNetwork: z.array(z.string()).default([]),
  loopback: z.boolean().default(false),
  promiscuous: z.boolean().default(false),
  reverseDns: z.boolean().default(false),
});
export type CaptureOptions = z.infer<typeof CaptureOptions>;

/** Adds the capture options to a command. */
export function withCaptureOptions(command: Command): Command {
  return command
    .option('--interface <name>', 'measure this interface; may be given several times (default: every one at the edge of this machine)', collectInterface)
    .option('--filter <expression>', 'measure only what this pcap-filter(7) expression lets through')
    .option('--local-network <cidr>', 'count this network as local, beside the private ones; may be given several times', collectText)
    .option('--loopback', 'measure loopback too: shown, never part of the totals')
    .option('--promiscuous', 'take frames that are not for this machine too')
    .option('--reverse-dns', 'ask the system resolver for the names of public addresses that have no other, for display (it then knows them)');
}

/** What the helper is asked to capture. */
export function captureOf(options: CaptureOptions): CaptureConfiguration {
  return {
    interfaces: options.interface === undefined ? 'edges' : [...new Set(options.interface)],
    filter: options.filter,
    promiscuous: options.promiscuous,
    loopback: options.loopback,
  };
}

/** The capture options that were given, as they are written: they mean nothing to a service that runs already. */
export function givenCaptureOptions(options: CaptureOptions): string[] {
  const given = {
    '--interface': options.interface !== undefined,
    '--filter': options.filter !== '',
    '--local-network': options.localNetwork.length > 0,
    '--loopback': options.loopback,
    '--promiscuous': options.promiscuous,
    '--reverse-dns': options.reverseDns,
  };
  return Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
}
