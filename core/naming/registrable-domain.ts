import { getDomain } from 'tldts';

/**
 * The registrable domain of a host by the public suffix list: `example.co.uk` for `www.example.co.uk`. Null for
 * addresses, single labels and public suffixes themselves. Private suffixes (`github.io`, `cloudfront.net`) count as
 * domains of their owner, so that the distributions of one CDN fold into one row.
 */
export function registrableDomain(host: string): string | null {
  return getDomain(host, { allowPrivateDomains: false });
}
