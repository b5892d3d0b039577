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
export class LrFindOptionError extends Error {
  override readonly name = "LrFindOptionError";
  /** The function whose option it is: `"lrFind"`, `"rangeTest"`, `"slide.with"`, … */
  readonly where: string;
  /** The option's name. */
  readonly option: string;
  /** What would have been right, in words that begin with the option: `"startLr > 0"`. */
  readonly expected: string;
  /** The value that came. */
  readonly received: unknown;

  constructor(
    where: string,
    problem: {
      readonly option: string;
      readonly expected: string;
      readonly received: unknown;
      readonly hint: string;
    },
  ) {
    super(`${where}: expected ${problem.expected}, got ${describe(problem.received)}; try ${problem.hint}`);
    this.where = where;
    this.option = problem.option;
    this.expected = problem.expected;
    this.received = problem.received;
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
export class CurveFormatError extends Error {
  override readonly name = "CurveFormatError";
  /** The field at fault: `"version"`, `"lr"`, … */
  readonly field: string;
  /** 0-based index in that field, where it is a column. */
  readonly index?: number;
  /** What would have been right. */
  readonly expected: string;
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
    super(`${where}: expected ${problem.expected}, got ${describe(problem.received)}; try ${problem.hint}`);
    this.field = problem.field;
    if (problem.index !== undefined) this.index = problem.index;
    this.expected = problem.expected;
    this.received = problem.received;
  }
}

/**
 * A `Trainer` (or a user-written suggester) that does not keep its side of the contract: a step that resolves
 * to something other than a number, a missing `validate`, a suggester that returns no suggestion.
 */
export class ContractError extends Error {
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
    super(`${where}: expected ${problem.expected}, got ${describe(problem.received)}; try ${problem.hint}`);
    this.member = problem.member;
    this.received = problem.received;
  }
}

/** A value as a reader would type it, kept short. */
function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return value.name ? `function ${value.name}` : "a function";
  if (Array.isArray(value)) {
    const shown = value.slice(0, 6).map(describe).join(", ");
    return value.length > 6 ? `[${shown}, … ${value.length} in all]` : `[${shown}]`;
  }
  if (typeof value === "object" && value !== null) {
    const kind = value.constructor?.name ?? "Object";
    return kind === "Object" ? "an object" : `an instance of ${kind}`;
  }
  return String(value);
}
