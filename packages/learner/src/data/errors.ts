import { describe, LrfindError, sentence } from "lrfind/core";

export { describe };

/** What a `DataError` says, field by field. */
export interface DataErrorDetails {
  /** The file, dataset or option at fault. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

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
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly hint: string | undefined;

  constructor({ where, expected, got, hint }: DataErrorDetails, options?: ErrorOptions) {
    super(sentence({ where, expected, got, hint }), options);
    this.where = where;
    this.expected = expected;
    this.got = got;
    this.hint = hint;
  }
}

/** Returns `value` if it is an integer of at least `min`, or throws a `DataError` that names the option. */
export function integerOption(where: string, value: unknown, min: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < min) {
    throw new DataError({ where, expected: `an integer of at least ${min}`, got: describe(value) });
  }
  return value as number;
}
