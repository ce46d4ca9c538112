import { z } from 'zod';
import { AppId } from '../../protocol/app.ts';
import { Address, EpochMs, HostName } from '../../protocol/units.ts';

/** Where the name of an address came from. */
export const ClaimSource = z.enum(['resolver', 'dns', 'mdns', 'llmnr', 'netbios', 'reverse-dns']);
export type ClaimSource = z.infer<typeof ClaimSource>;

/** That an address has a name: who says so, for whom, and when it was first and last said. */
export const Claim = z.object({
  address: Address,
  name: HostName,
  source: ClaimSource,
  /** The app that asked; null where that is not known. */
  app: AppId.nullable(),
  firstSeen: EpochMs,
  lastSeen: EpochMs,
  ttlSeconds: z.number().int().min(0).max(2 ** 31 - 1),
});
export type Claim = z.infer<typeof Claim>;
