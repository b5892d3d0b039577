/** What is wrong, in the parts that every message has. */
export interface Problem {
  /** The function, file or option at fault: `"fit"`, `"labels.gz"`, `"Learner"`. */
  readonly where: string;
  /** What would have been right: `"startLr > 0"`, `"a positive number"`. */
  readonly expected: string;
  /** What came, in words; left out where what was expected says it, as "a name that is free" does. */
  readonly got?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** The message of a problem: `where: expected X, got Y; try Z`. */
export function sentence({ where, expected, got, hint }: Problem): string {
  const came = got === undefined ? "" : `, got ${got}`;
  return `${where}: expected ${expected}${came}${hint === undefined ? "" : `; try ${hint}`}`;
}

/**
 * What every error of lrfind extends: a mistake in what it was given, or a fault around it, never a fault of its own.
 *
 * @example
 * ```ts
 * try {
 *   await lrFind(trainer, { numIt: 3 });
 * } catch (error) {
 *   if (error instanceof LrfindError) console.error(error.message);
 *   else throw error;
 * }
 * ```
 */
export class LrfindError extends Error {
  override readonly name: string = "LrfindError";
  /** The function, file or option at fault. */
  readonly where: string;
  /** What would have been right. */
  readonly expected: string;
  /** What came, in words. */
  readonly got: string | undefined;
  /** What to try. */
  readonly hint: string | undefined;

  /**
   * @param problem - Becomes the message, `where: expected X, got Y; try Z`, and the fields.
   * @param options.cause - The error behind it.
   */
  constructor(problem: Problem, options?: ErrorOptions) {
    super(sentence(problem), options);
    this.where = problem.where;
    this.expected = problem.expected;
    this.got = problem.got;
    this.hint = problem.hint;
  }
}

/** A file that cannot be written. The one that was there is whole, and there. */
export class FileError extends LrfindError {
  override readonly name: string = "FileError";
}

/**
 * An argument or option that cannot be used. Thrown before anything is done.
 *
 * Its message reads `sgd: expected mom to be a number in [0, 1), got 2; try 0.9`; its fields say the same to a program.
 */
export class OptionError extends LrfindError {
  override readonly name: string = "OptionError";
  /** The option's name. */
  readonly option: string;
  /** The value that came. */
  readonly received: unknown;

  constructor(
    problem: Problem & { readonly option: string; readonly received: unknown },
    options?: ErrorOptions,
  ) {
    super(problem, options);
    this.option = problem.option;
    this.received = problem.received;
  }
}
