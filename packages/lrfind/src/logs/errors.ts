import { LrfindError, type Problem, plainText } from "../core/index.js";

/**
 * Why a log gives no curve.
 *
 * - `unreadable`: the file is of no format that is known here, or broken.
 * - `noLoss`, `noRate`: no column holds it, or several could.
 * - `noRangeTest`: what was recorded is a training (or settings, or one number), whose rates say nothing of others.
 */
export type LogErrorKind = "unreadable" | "noLoss" | "noRate" | "noRangeTest";

/**
 * A recorded log from which no curve can be read.
 *
 * @example
 * ```ts
 * try {
 *   readLogs([{ name: "trainer_state.json", contents: text }]);
 * } catch (error) {
 *   if (error instanceof LogError && error.kind === "noRangeTest") console.log(error.message);
 * }
 * ```
 */
export class LogError extends LrfindError {
  override readonly name = "LogError";
  readonly kind: LogErrorKind;

  constructor(kind: LogErrorKind, problem: Problem, options?: ErrorOptions) {
    super(plain(problem), options);
    this.kind = kind;
  }
}

/** Names of files and columns are somebody else's text, and a message is shown in a terminal. */
function plain({ where, expected, got, hint }: Problem): Problem {
  return {
    where: plainText(where),
    expected: plainText(expected),
    got: got && plainText(got),
    hint: hint && plainText(hint),
  };
}
