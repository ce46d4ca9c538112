import { z } from 'zod';

/**
 * Units that cross a process. A field that counts bytes says so in its name (`rxBytes`); an instant is branded,
 * because milliseconds, microseconds and nanoseconds all occur and only the type tells them apart.
 */

/** Milliseconds since 1970-01-01T00:00:00Z, as the wall clock or the packet gave them. Fractions are kept. */
export const EpochMs = z.number().min(0).max(8.64e15).brand<'EpochMs'>();
export type EpochMs = z.infer<typeof EpochMs>;

/** A number of milliseconds since the epoch as an {@link EpochMs}. Throws if it is not a finite, non-negative instant. */
export function epochMs(value: number): EpochMs {
  return EpochMs.parse(value);
}

/** A count that only grows within its interval: bytes, packets, events. An integer up to 2^53 - 1. */
export const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Bytes in both directions: received and sent. */
export const ByteCounts = z.object({ rxBytes: Count, txBytes: Count });
export type ByteCounts = z.infer<typeof ByteCounts>;

/** A port of TCP, UDP or SCTP; null where the protocol has none. */
export const Port = z.number().int().min(0).max(65_535).nullable();

/** An IP address in its canonical text (RFC 5952 for IPv6); IPv4-mapped IPv6 is written as IPv4. At most 45 characters. */
export const Address = z.string().min(2).max(45);

/** A host name: lower case, A-labels, no trailing dot, no port. At most 253 characters (RFC 1035 2.3.4). */
export const HostName = z.string().min(1).max(253);

/** The kernel's name of an interface: 1 to 15 bytes (IFNAMSIZ in linux/if.h). */
export const InterfaceName = z.string().min(1).max(15);
