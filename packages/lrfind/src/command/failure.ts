import { LrfindError, plainText } from "../core/index.js";

/** How the command ends. */
export const EXIT = {
  /** A rate was found. */
  found: 0,
  /** None was, and the reason is said. */
  none: 1,
  /** The command, or a file, cannot be used. */
  badInput: 2,
  /** Stopped by Ctrl-C; what was measured is kept. */
  stopped: 130,
} as const;

/** What is said of an error, and how the command ends with it. */
export interface Failure {
  readonly message: string;
  readonly exitCode: number;
}

/** What the user is told of an error: one line, and the stack only where it was asked for. */
export function failureOf(error: unknown, env: Readonly<Record<string, string | undefined>>): Failure {
  const stack = env["LRFIND_DEBUG"] && error instanceof Error ? `\n${error.stack}` : "";
  if (isOurs(error)) {
    // By its field, not by its class: help must not wait for the readers of logs.
    const isNone = (error as { readonly kind?: unknown }).kind === "noRangeTest";
    const exitCode = isNone ? EXIT.none : EXIT.badInput;
    return { message: plainText(error.message) + stack, exitCode };
  }
  const message = plainText(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  const hint = stack === "" ? " (LRFIND_DEBUG=1 shows where)" : "";
  return { message: `${message}${hint}${stack}`, exitCode: EXIT.badInput };
}

/** Whether an error is of this house, of another copy of it too: a module that is run may bring its own. */
function isOurs(error: unknown): error is Error {
  if (error instanceof LrfindError) return true;
  return (
    error instanceof Error && ["where", "expected"].every((field) => typeof Object(error)[field] === "string")
  );
}
