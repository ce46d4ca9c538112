import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { clientAddresses, peerAddresses } from './namespace.ts';
import type { Namespace, Network } from './namespace.ts';
import { describeOutcome } from './program.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

/** A VPN between the two namespaces: a program of our own that holds a tun device on either side (clients/tunnel.c). */

export const tunnelDevice = 'tun0';
const ends = { client: '10.66.0.1', peer: '10.66.0.2' } as const;
const port = '1194';

export interface Tunnel {
  /** Path of the program that carries it: the app whose bytes are outside. */
  readonly program: string;
  /** The peer's side; SIGUSR1 makes its way eight times as long. */
  readonly peer: Program;
}

function ip(namespace: Namespace, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', ['-netns', namespace.name, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr.trim()}`);
}

async function build(network: Network): Promise<string> {
  const program = `${network.folder}/tunnel`;
  const source = fileURLToPath(new URL('../clients/tunnel.c', import.meta.url));
  const built = await network.client.run('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source]);
  if (built.code !== 0) throw new Error(describeOutcome(built));
  return program;
}

/**
 * Builds it and starts both sides. One of the servers' addresses (`peerAddresses.org`) is reached through it from then on,
 * as a company's network is. What the peer sends through it waits `delayMs`.
 */
export async function startTunnel(network: Network, delayMs = 0): Promise<Tunnel> {
  const program = await build(network);
  const start = async (namespace: Namespace, inside: readonly [string, string], outside: readonly [string, string], delay: number): Promise<Program> => {
    const tunnel = namespace.start(program, [tunnelDevice, outside[0], port, outside[1], port, String(delay)]);
    await until('the tunnel to be there', 5000, () => tunnel.stdout.includes('ready'));
    namespace.setKernel(`ipv6/conf/${tunnelDevice}/disable_ipv6`, '1');
    ip(namespace, 'address', 'add', inside[0], 'peer', inside[1], 'dev', tunnelDevice);
    ip(namespace, 'link', 'set', tunnelDevice, 'up', 'mtu', '1400');
    return tunnel;
  };
  await start(network.client, [ends.client, ends.peer], [clientAddresses.one, peerAddresses.com], 0);
  const peer = await start(network.peer, [ends.peer, ends.client], [peerAddresses.com, clientAddresses.one], delayMs);
  ip(network.client, 'route', 'add', `${peerAddresses.org}/32`, 'dev', tunnelDevice, 'src', ends.client);
  return { program, peer };
}
