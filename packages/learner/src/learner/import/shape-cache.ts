interface Entry<T> {
  readonly making: Promise<T>;
  /** What was made, once it is. */
  made?: T;
  /** Callers that had it made and have not taken it yet. */
  waiting: number;
}

/**
 * What was made for some shapes, by a key: the entries used last, up to a limit. One that is being made is never dropped,
 * and one that nobody has taken yet only where another is to be made and all are such: what is made at once for many is
 * there for all of them.
 */
export class ShapeCache<T> {
  readonly #limit: number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry<T>>();

  /** @param limit - Entries that are kept; more live only while as many are made at once, until they are taken. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Entries that are kept now. */
  get size(): number {
    return this.#entries.size;
  }

  /** Makes the entry of a key, unless it is there; once for many who ask. @throws What making it throws. */
  async make(key: string, make: () => Promise<T>): Promise<void> {
    const entry = this.#entries.get(key) ?? { making: make(), waiting: 0 };
    this.#touch(key, entry);
    this.#evict(() => true);
    try {
      entry.made = await entry.making;
    } catch (error) {
      // What could not be made is tried anew next time.
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
    entry.waiting++;
    // Another caller may have taken it in the meantime, so that it was dropped.
    this.#touch(key, entry);
  }

  /** The entry of a key; undefined where it was never made, or is dropped. */
  take(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry?.made === undefined) return undefined;
    entry.waiting = Math.max(0, entry.waiting - 1);
    this.#touch(key, entry);
    this.#evict(({ waiting }) => waiting === 0);
    return entry.made;
  }

  /** The one used last goes to the end. */
  #touch(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  /** Drops entries beyond the limit, the longest unused first, those that somebody has taken before the others. */
  #evict(mayGo: (entry: Entry<T>) => boolean): void {
    const made = [...this.#entries].filter(([, entry]) => entry.made !== undefined && mayGo(entry));
    const order = made.sort(([, a], [, b]) => Number(a.waiting > 0) - Number(b.waiting > 0));
    for (const [key] of order.slice(0, Math.max(0, this.#entries.size - this.#limit)))
      this.#entries.delete(key);
  }
}
