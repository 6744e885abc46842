/** From how many entries on an entry is found by an index. */
const INDEX_FROM = 16;

/**
 * What is to be told when a future is done, in order.
 *
 * Adding is a push. Many tasks can wait for the same long-lived future and be
 * cancelled one by one, so removing takes constant time: the first removal from
 * a long list makes an index, a removed entry leaves a gap, and the gaps close
 * when they are half of the list.
 */
export class CallbackList<T extends object> {
  #entries: (T | null)[];
  #gaps = 0;
  /** Where each entry stands; one may stand in several places. */
  #index: Map<T, number[]> | null = null;

  constructor(first: T, second: T) {
    this.#entries = [first, second];
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.length - this.#gaps;
  }

  /** The last one, if there is any. */
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

  /** All of them; what is added meanwhile is not seen. */
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
