import { describe, LrfindError } from "lrfind/core";

export { describe };

/**
 * Data, or an option about data, that cannot be used. Its message reads
 * `where: expected X, got Y; try Z`.
 *
 * @example
 * ```ts
 * try {
 *   await readIdx("labels.gz");
 * } catch (error) {
 *   if (error instanceof DataError) console.error(error.where, error.got);
 * }
 * ```
 */
export class DataError extends LrfindError {
  override readonly name: string = "DataError";
}

/** Returns `value` if it is an integer of at least `min`, or throws a `DataError` that names the option. */
export function integerOption(where: string, value: unknown, min: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < min) {
    throw new DataError({ where, expected: `an integer of at least ${min}`, got: describe(value) });
  }
  return value as number;
}
