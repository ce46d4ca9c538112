import type { EpochMs } from '../../protocol/units.ts';
import type { Claim } from './claim.ts';

/** Which names of addresses are to be forgotten. `from` is inclusive, `to` is not. */
export type ForgottenNames =
  | { readonly what: 'all' }
  | { readonly what: 'app' | 'domain' | 'host'; readonly key: string }
  | { readonly what: 'between'; readonly from: EpochMs; readonly to: EpochMs };

/** Whether a name is to be forgotten, whatever address or flow has it: with a domain every name below it. */
export function isForgottenName(name: string, forgotten: ForgottenNames): boolean {
  switch (forgotten.what) {
    case 'all':
      return true;
    case 'domain':
      return name === forgotten.key || name.endsWith(`.${forgotten.key}`);
    case 'host':
      return name === forgotten.key;
    case 'app':
    case 'between':
      return false;
  }
}

/**
 * Whether a claim is to be forgotten: with a domain every name below it, a host by its name or its address, with an app
 * what that app asked for.
 */
export function isForgotten({ address, name, app, lastSeen }: Claim, forgotten: ForgottenNames): boolean {
  switch (forgotten.what) {
    case 'app':
      return app === forgotten.key;
    case 'host':
      return name === forgotten.key || address === forgotten.key;
    case 'all':
    case 'domain':
      return isForgottenName(name, forgotten);
    case 'between':
      return lastSeen >= forgotten.from && lastSeen < forgotten.to;
  }
}
