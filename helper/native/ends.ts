import type { FlowEnds } from '../../core/packet/clue.ts';
import { AddressTexts } from '../../core/flow/address-texts.ts';
import { maximumCachedEnds } from './limits.ts';

/** Where a record holds the two ends: first both ports (16 bits each), then both addresses (16 bytes each). */
export interface EndsPlace {
  readonly protocol: number;
  readonly family: 4 | 6;
  readonly hasPorts: boolean;
  readonly offset: number;
}

/**
 * The ends of flows, by flow number: a flow comes again every second and with every clue, and writing its addresses
 * as text costs more than all the rest of its record. Bounded by {@link maximumCachedEnds}.
 */
export class EndsCache {
  readonly #ends = new Map<number, FlowEnds>();
  readonly #texts = new AddressTexts();

  /** The flow's ends, from the cache or read from a record. */
  read(flow: number, bytes: Uint8Array, view: DataView, place: EndsPlace): FlowEnds {
    const known = this.#ends.get(flow);
    if (known !== undefined) return known;
    const ends = this.#readEnds(bytes, view, place);
    if (this.#ends.size >= maximumCachedEnds) this.#ends.clear();
    this.#ends.set(flow, ends);
    return ends;
  }

  #readEnds(bytes: Uint8Array, view: DataView, { protocol, family, hasPorts, offset }: EndsPlace): FlowEnds {
    return {
      protocol,
      a: this.#texts.read(bytes, offset + 4, family),
      aPort: hasPorts ? view.getUint16(offset, true) : null,
      b: this.#texts.read(bytes, offset + 20, family),
      bPort: hasPorts ? view.getUint16(offset + 2, true) : null,
    };
  }

  /** Forgets a flow that is over. */
  forget(flow: number): void {
    this.#ends.delete(flow);
  }
}
