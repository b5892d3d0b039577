/**
 * Passes a stream on, one part at a time: whoever consumes this one consumes the other, and an early end (`break`, an
 * exception, of `each` too) reaches it, so that a trial in the middle is taken back.
 *
 * @param source - The stream.
 * @param each - What is passed on in a part's place; nothing where it gives undefined.
 * @returns A stream that returns what the source returns.
 */
export async function* relay<Part, Passed, Result>(
  source: AsyncGenerator<Part, Result, void>,
  each: (part: Part) => Passed | undefined | Promise<Passed | undefined>,
): AsyncGenerator<Passed, Result, void> {
  try {
    for (;;) {
      const next = await source.next();
      if (next.done) return next.value;
      const passed = await each(next.value);
      if (passed !== undefined) yield passed;
    }
  } catch (error) {
    await source.throw(error);
    throw error;
  } finally {
    await source.return(undefined as never);
  }
}
