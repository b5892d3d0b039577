/** Values that one side puts in and the other waits for. */
export class EventQueue<Value> implements AsyncIterable<Value> {
  readonly #values: Value[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;
  #error: Error | undefined;

  push(value: Value): void {
    this.#values.push(value);
    this.#wake?.();
  }

  /** Lets whoever waits come to the end, after what is there. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** Lets whoever waits have an error, after what is there. */
  fail(error: Error): void {
    this.#error = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, void> {
    for (;;) {
      while (this.#values.length > 0) yield this.#values.shift()!;
      if (this.#error !== undefined) throw this.#error;
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
