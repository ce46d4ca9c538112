import path from 'node:path';
import type { NameSource, OwnerReason } from '../protocol/flow.ts';

/** Facts of the protocol in words for people. */

const reasons: Record<OwnerReason, string> = {
  'wildcard-socket': 'by its port',
  'shared-port': 'port shared by several programs',
  'shared-socket': 'socket shared by several processes',
  remembered: 'remembered from before',
  'process-ended': 'process had ended',
  'no-socket': 'no socket found',
  'no-rights': 'no rights to look',
  'not-looked-up': 'not looked up',
  kernel: 'the kernel itself',
  'not-this-host': "not this machine's",
  folded: 'too many to tell apart',
  withheld: 'withheld by your settings',
  private: 'private mode',
};

/** Why an owner is not exact, in a few words. */
export function reasonText(reason: OwnerReason): string {
  return reasons[reason];
}

const sources: Record<NameSource, string> = {
  'tls-sni': 'TLS',
  'quic-sni': 'QUIC',
  'http-host': 'HTTP',
  resolver: 'resolver',
  dns: 'DNS',
  mdns: 'mDNS',
  llmnr: 'LLMNR',
  netbios: 'NetBIOS',
  'reverse-dns': 'reverse DNS',
};

/** How a name was learned, in a word. */
export function sourceText(source: NameSource): string {
  return sources[source];
}

/** An app as people call it: the last part of an executable's path; other ids as they are. */
export function appText(app: string): string {
  return app.startsWith('/') ? path.posix.basename(app) || app : app;
}

/** An address with its port as it is written in a URL: IPv6 in brackets (RFC 3986 3.2.2). */
export function endText(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
