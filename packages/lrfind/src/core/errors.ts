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
}

/** What is wrong, in the parts that every message has. */
export interface Problem {
  /** The function, file or option at fault: `"fit"`, `"labels.gz"`, `"Learner"`. */
  readonly where: string;
  /** What would have been right: `"startLr > 0"`, `"a positive number"`. */
  readonly expected: string;
  /** What came, in words. */
  readonly got: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** The message of a problem: `where: expected X, got Y; try Z`. */
export function sentence({ where, expected, got, hint }: Problem): string {
  return `${where}: expected ${expected}, got ${got}${hint === undefined ? "" : `; try ${hint}`}`;
}

/** A file that cannot be written. The one that was there is whole, and there. */
export class FileError extends LrfindError {
  override readonly name: string = "FileError";
  /** The file. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What to try. */
  readonly hint: string | undefined;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(sentence(problem), options);
    this.where = problem.where;
    this.expected = problem.expected;
    this.got = problem.got;
    this.hint = problem.hint;
  }
}

/**
 * An argument or option that cannot be used. Thrown before anything is done.
 *
 * Its message reads `sgd: expected mom to be a number in [0, 1), got 2; try 0.9`; its fields say the same to a program.
 */
export class OptionError extends LrfindError {
  override readonly name: string = "OptionError";
  /** The function whose option it is. */
  readonly where: string;
  /** The option's name. */
  readonly option: string;
  /** What would have been right, in words that begin with the option. */
  readonly expected: string;
  /** The value that came. */
  readonly received: unknown;
  /** What to try. */
  readonly hint: string | undefined;

  constructor(
    problem: Problem & { readonly option: string; readonly received: unknown },
    options?: ErrorOptions,
  ) {
    super(sentence(problem), options);
    this.where = problem.where;
    this.option = problem.option;
    this.expected = problem.expected;
    this.received = problem.received;
    this.hint = problem.hint;
  }
}
