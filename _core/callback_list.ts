// Copyright 2026 the asyncio authors. MIT license.

/** The length from which entries are found by an index. */
const INDEX_FROM = 16;

/**
 * The callbacks and listeners of a future, in order.
 *
 * Adding is a push. Many tasks can wait for the same long-lived future and be
 * cancelled one by one, so removing takes constant time: the first removal from
 * a long list creates an index, a removed entry leaves a gap, and the gaps are
 * closed when they make up half of the list.
 */
export class CallbackList<T extends object> {
  #entries: (T | null)[];
  #gaps = 0;
  /** The places of each entry, which may have several. */
  #index: Map<T, number[]> | null = null;

  constructor(first: T, second: T) {
    this.#entries = [first, second];
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.length - this.#gaps;
  }

  /** The last entry, or `null` if there is none. */
  get last(): T | null {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i];
      if (entry !== null) return entry;
    }
    return null;
  }

  push(entry: T): void {
    this.#note(entry, this.#entries.push(entry) - 1);
  }

  /** Removes every occurrence; returns how many there were. */
  delete(entry: T): number {
    const places = this.#placesOf(entry);
    for (const place of places) this.#entries[place] = null;
    this.#gaps += places.length;
    if (this.#gaps > this.#entries.length / 2) this.#close();
    return places.length;
  }

  /** Returns a copy, which does not change when entries are added. */
  toArray(): T[] {
    return this.#entries.filter((entry) => entry !== null);
  }

  #placesOf(entry: T): number[] {
    if (this.#entries.length >= INDEX_FROM) {
      const index = this.#index ?? this.#makeIndex();
      const places = index.get(entry) ?? [];
      index.delete(entry);
      return places;
    }
    const places: number[] = [];
    this.#entries.forEach((other, place) => {
      if (other === entry) places.push(place);
    });
    return places;
  }

  #makeIndex(): Map<T, number[]> {
    const index = this.#index = new Map();
    this.#entries.forEach((entry, place) => {
      if (entry !== null) this.#note(entry, place);
    });
    return index;
  }

  #note(entry: T, place: number): void {
    if (this.#index === null) return;
    const places = this.#index.get(entry);
    if (places === undefined) this.#index.set(entry, [place]);
    else places.push(place);
  }

  #close(): void {
    this.#entries = this.toArray();
    this.#gaps = 0;
    if (this.#index !== null) this.#makeIndex();
  }
}
