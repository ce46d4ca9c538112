import { existsSync } from 'node:fs';

/** The Debian package that brings each program the scenarios use. */
const packageOf = {
  ip: 'iproute2',
  nft: 'nftables',
  nginx: 'nginx-light',
  dnsmasq: 'dnsmasq-base',
  curl: 'curl',
  iperf3: 'iperf3',
  openssl: 'openssl',
  setpriv: 'util-linux',
  tcpdump: 'tcpdump',
  nethogs: 'nethogs',
  tshark: 'tshark',
  ndpiReader: 'libndpi-bin',
  cc: 'gcc',
  make: 'make',
  chromium: 'chromium',
  caddy: 'caddy',
} as const;

export type RequiredProgram = keyof typeof packageOf;

const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].filter((folder) => folder !== '');

/** Why programs cannot be used here ("pending: …, install …"), or null where all are present. */
export function missingPrograms(programs: readonly RequiredProgram[]): string | null {
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(`${folder}/${program}`)));
  if (missing.length === 0) return null;
  const packages = [...new Set(missing.map((program) => packageOf[program]))].join(' ');
  return `pending: ${missing.join(', ')} not found; install Debian's ${packages}`;
}

/** Why the scenarios cannot run here, or null. Network namespaces need root. */
export function whyPending(): string | null {
  if (process.platform !== 'linux') return 'pending: network namespaces are a part of Linux';
  if (process.getuid?.() !== 0) return 'pending: network namespaces need root; run the scenarios as root';
  return missingPrograms(['ip', 'nft', 'nginx', 'dnsmasq', 'curl', 'iperf3', 'openssl', 'setpriv']);
}

/** Options of a test or suite that needs what {@link whyPending} looks at. */
export function scenarioOptions(timeoutMs: number): { readonly skip: string | false; readonly timeout: number } {
  return { skip: whyPending() ?? false, timeout: timeoutMs };
}
