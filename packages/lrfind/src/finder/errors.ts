import { describe, LrfindError, OptionError } from "../core/index.js";

/**
 * An option that cannot be used. Thrown before any training.
 *
 * Its message reads `lrFind: expected startLr > 0, got -1; try 1e-7`; its fields say the same to a program.
 *
 * @example
 * ```ts
 * try {
 *   await lrFind(trainer, { numIt: 3 });
 * } catch (error) {
 *   if (error instanceof LrFindOptionError) console.log(error.option); // "numIt"
 * }
 * ```
 */
export class LrFindOptionError extends OptionError {
  override readonly name = "LrFindOptionError";

  constructor(
    where: string,
    problem: {
      readonly option: string;
      readonly expected: string;
      readonly received: unknown;
      readonly hint?: string | undefined;
    },
  ) {
    super({ where, ...problem, got: describe(problem.received) });
  }
}

/**
 * A recorded curve that is not one: a missing field, a value of the wrong kind, rates that do not ascend.
 *
 * @example
 * ```ts
 * parseCurve('{ "version": 1, "numIt": 100, "lr": [0.1], "loss": [null] }');
 * // CurveFormatError: parseCurve: expected loss[0] to be a number, "NaN", "Infinity" or "-Infinity", got null; …
 * ```
 */
export class CurveFormatError extends LrfindError {
  override readonly name = "CurveFormatError";
  /** The field at fault: `"version"`, `"lr"`, … */
  readonly field: string;
  /** 0-based index in that field, where it is a column. */
  readonly index?: number;
  /** The value that came. */
  readonly received: unknown;

  constructor(
    where: string,
    problem: {
      readonly field: string;
      readonly index?: number;
      readonly expected: string;
      readonly received: unknown;
      readonly hint: string;
    },
  ) {
    super({ where, ...problem, got: describe(problem.received) });
    this.field = problem.field;
    if (problem.index !== undefined) this.index = problem.index;
    this.received = problem.received;
  }
}

/**
 * A result's file, or an event's line, that is not one: a missing field, a value of the wrong kind, a version that this
 * lrfind does not know.
 *
 * @example
 * ```ts
 * parseResult('{ "format": "lrfind-result", "version": 2 }');
 * // ResultFormatError: parseResult: expected version to be 1, got 2; try a newer lrfind
 * ```
 */
export class ResultFormatError extends LrfindError {
  override readonly name = "ResultFormatError";
  /** The path of the field at fault: `"findings[0].suggestions"`. */
  readonly field: string;
  /** The value that came. */
  readonly received: unknown;

  constructor(
    where: string,
    problem: {
      readonly field: string;
      readonly expected: string;
      readonly received: unknown;
      readonly hint?: string | undefined;
    },
  ) {
    super({ where, ...problem, got: describe(problem.received) });
    this.field = problem.field;
    this.received = problem.received;
  }
}

/**
 * A `Trainer` (or a user-written suggester) that does not keep its side of the contract: a step that resolves
 * to something other than a number, a missing `validate`, a suggester that returns no suggestion.
 */
export class ContractError extends LrfindError {
  override readonly name = "ContractError";
  /** The member that broke the contract: `"trial.step"`, `"suggester mine"`, … */
  readonly member: string;
  /** What it returned, or was. */
  readonly received: unknown;

  constructor(
    where: string,
    problem: {
      readonly member: string;
      readonly expected: string;
      readonly received: unknown;
      readonly hint: string;
    },
  ) {
    super({ where, ...problem, got: describe(problem.received) });
    this.member = problem.member;
    this.received = problem.received;
  }
}
