import { z } from 'zod';
import { Scope } from './snapshot.ts';

/** An app's id, a domain, a host's name or address, a network: as a row's `key` has it. */
const KeyText = z.string().min(1).max(4200);

/** Where a host lies: its ISO 3166-1 alpha-2 code, or `none` for an address that lies in no country (this machine's own networks). */
export const Country = z.string().regex(/^(?:[A-Z]{2}|none)$/u);
export type Country = z.infer<typeof Country>;

/**
 * What a query is narrowed to: an app and `by: 'domain'` gives that app's domains, a domain and `by: 'app'` its apps.
 * A `null` app is the unknown owners, a `null` domain the hosts without a name, a `null` country or service what nobody knows it
 * of. Without a scope: all but loopback, which is not part of the totals.
 */
export const UsageFilter = z
  .object({
    app: KeyText.nullable().optional(),
    domain: KeyText.nullable().optional(),
    host: KeyText.optional(),
    network: KeyText.optional(),
    scope: Scope.optional(),
    country: Country.nullable().optional(),
    /** The registered name of a port (`https`), or the protocol where it has none (`tcp`). */
    service: z.string().min(1).max(64).nullable().optional(),
  })
  .readonly();
export type UsageFilter = z.infer<typeof UsageFilter>;

/** What the quality of connections may be narrowed to, and plain HTTP: the rest of {@link UsageFilter} is not known of them. */
export const SideFilter = z
  .strictObject({ app: KeyText.nullable().optional(), domain: KeyText.nullable().optional(), host: KeyText.optional(), country: Country.nullable().optional() })
  .readonly();
export type SideFilter = z.infer<typeof SideFilter>;
