/** Changes without a `shift` after which the place of the oldest entry is given up: see {@link AgedMap}. */
const patience = 1024;

/**
 * A map that gives up its oldest entry at a fixed cost, for maps with a bound. In a plain `Map` the first key of a new
 * iterator costs as much as there are deleted entries before it: with 65 536 flows that is 15 µs for each that makes room.
 * So one iterator is kept; but not for long without use, since it keeps the memory of tables that the map has outgrown.
 */
export class AgedMap<Key, Value> {
  readonly #map = new Map<Key, Value>();
  #oldest: MapIterator<[Key, Value]> | null = null;
  #changes = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  /** Adds an entry as the youngest; one that is there becomes the youngest. */
  put(key: Key, value: Value): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    this.#changed();
  }

  /** Changes the value of an entry, which keeps its age; without such an entry it is the youngest. */
  replace(key: Key, value: Value): void {
    this.#map.set(key, value);
  }

  delete(key: Key): boolean {
    this.#changed();
    return this.#map.delete(key);
  }

  clear(): void {
    this.#oldest = null;
    this.#map.clear();
  }

  /** Takes the oldest entry out; null where there is none. */
  shift(): readonly [Key, Value] | null {
    if (this.#map.size === 0) return null;
    this.#changes = 0;
    this.#oldest ??= this.#map.entries();
    const next = this.#oldest.next();
    if (next.done === true) {
      this.#oldest = null;
      return this.shift();
    }
    this.#map.delete(next.value[0]);
    return next.value;
  }

  /** All entries, the oldest first. What is added meanwhile comes, too. */
  entries(): MapIterator<[Key, Value]> {
    return this.#map.entries();
  }

  keys(): MapIterator<Key> {
    return this.#map.keys();
  }

  values(): MapIterator<Value> {
    return this.#map.values();
  }

  #changed(): void {
    this.#changes += 1;
    if (this.#changes > patience) this.#oldest = null;
  }
}
