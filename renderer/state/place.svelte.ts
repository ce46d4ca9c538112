import { hashOf, said, spotOf } from './spot.ts';
import type { PageName, Parameters, Spot } from './spot.ts';

/** The place, kept in the address. */
export class Place {
  #spot: Spot = $state.raw(spotOf(''));

  constructor() {
    this.#spot = spotOf(location.hash);
    window.addEventListener('hashchange', () => (this.#spot = spotOf(location.hash)));
  }

  get page(): PageName {
    return this.#spot.page;
  }

  get parameters(): Parameters {
    return this.#spot.parameters;
  }

  /** Goes to a place; "back" leads here again. */
  go(page: PageName, parameters: Parameters = {}): void {
    history.pushState(null, '', hashOf({ page, parameters }));
    this.#spot = { page, parameters: said(parameters) };
  }

  /** Says more exactly what is seen here: "back" leads to where one came from. An empty text takes a parameter away. */
  refine(parameters: Parameters): void {
    const merged = said({ ...this.#spot.parameters, ...parameters });
    history.replaceState(null, '', hashOf({ page: this.#spot.page, parameters: merged }));
    this.#spot = { page: this.#spot.page, parameters: merged };
  }
}
