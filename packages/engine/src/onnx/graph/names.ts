/** The names of a graph's values and nodes, each of which is there once. */
export class Names {
  readonly #taken = new Set<string>();
  readonly #counters = new Map<string, number>();

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  take(name: string): void {
    this.#taken.add(name);
  }

  /** The name, or, where it is taken, the first of `name_1`, `name_2`, … that is not; it is taken then. */
  unique(wanted: string): string {
    if (!this.#taken.has(wanted)) {
      this.#taken.add(wanted);
      return wanted;
    }
    for (let n = (this.#counters.get(wanted) ?? 0) + 1; ; n++) {
      const name = `${wanted}_${n}`;
      if (this.#taken.has(name)) continue;
      this.#counters.set(wanted, n);
      this.#taken.add(name);
      return name;
    }
  }
}
