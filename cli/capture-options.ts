import type { Command } from 'commander';
import { z } from 'zod';
import type { SettingsPart } from '../service/index.ts';
import { collectInterface, collectText, parseFilter } from './arguments.ts';

/** Options of the commands that may start a capture (`live`, `serve`). */
export const CaptureOptions = z.object({
  interface: z.array(z.string()).optional(),
  filter: z.string().optional(),
  localNetwork: z.array(z.string()).optional(),
  loopback: z.literal(true).optional(),
  promiscuous: z.literal(true).optional(),
  reverseDns: z.literal(true).optional(),
});
export type CaptureOptions = z.infer<typeof CaptureOptions>;

/** Adds the capture options to a command. */
export function withCaptureOptions(command: Command): Command {
  return command
    .option('--interface <name>', 'measure this interface; may be given several times (default: every one at the edge of this machine)', collectInterface)
    .option('--filter <expression>', 'measure only what this pcap-filter(7) expression lets through', parseFilter)
    .option('--local-network <cidr>', 'count this network as local, beside the private ones; may be given several times', collectText)
    .option('--loopback', 'measure loopback too: shown, never part of the totals')
    .option('--promiscuous', 'take frames that are not for this machine too')
    .option('--reverse-dns', 'ask the system resolver for the names of public addresses that have no other, for display (it then knows them)');
}

/** What the options say in place of the settings, for this run; what is not given stays as the settings have it. */
export function settingsOf(options: CaptureOptions): SettingsPart {
  const { interface: interfaces, filter, localNetwork, loopback, promiscuous, reverseDns } = options;
  return {
    capture: { interfaces, filter, loopback, promiscuous },
    networks: { local: localNetwork },
    names: { reverse: reverseDns },
  };
}

/** The capture options that were given, as they are written: they mean nothing to a service that runs already. */
export function givenCaptureOptions(options: CaptureOptions): string[] {
  const given = {
    '--interface': options.interface,
    '--filter': options.filter,
    '--local-network': options.localNetwork,
    '--loopback': options.loopback,
    '--promiscuous': options.promiscuous,
    '--reverse-dns': options.reverseDns,
  };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}
