/** Logs as `bandwhich --raw` writes them. */

export interface LogSecond {
  readonly second: number;
  readonly connections: readonly { readonly process: string; readonly up: number; readonly down: number; readonly remote?: string; readonly localPort?: number; readonly interface?: string }[];
}

/** One refresh: processes, connections and addresses, as without options. */
export function refreshText({ second, connections }: LogSecond): string {
  if (connections.length === 0) return 'Refreshing:\n<NO TRAFFIC>\n\n';
  const processes = connections.map(({ process, up, down }) => `process: <${second}> "${process}" up/down Bps: ${up}/${down} connections: 1`);
  const lines = connections.map(({ process, up, down, remote = '203.0.113.7', localPort = 40_000, interface: name = 'eth0' }) =>
    `connection: <${second}> <${name}>:${localPort} => ${remote}:443 (tcp) up/down Bps: ${up}/${down} process: "${process}"`);
  const addresses = connections.map(({ up, down, remote = '203.0.113.7' }) => `remote_address: <${second}> ${remote} up/down Bps: ${up}/${down} connections: 1`);
  return ['Refreshing:', ...processes, ...lines, ...addresses, '', ''].join('\n');
}
