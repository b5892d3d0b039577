import {
  type Check,
  type Checks,
  checkArgument,
  checkOptions,
  describe,
  type Fail,
  number,
} from "../core/index.js";
import type { Curve } from "./curve/curve.js";
import { CurveFormatError, LrFindOptionError } from "./errors.js";
import type { Suggestion } from "./suggest/suggestion.js";

/** Throws a `LrFindOptionError` for an argument that cannot be used. */
export const refuse: Fail = ({ where, option, expected, received, hint }) => {
  throw new LrFindOptionError(where, { option, expected, received, hint });
};

/** Checks one argument of the finder's room. */
export function check(where: string, name: string, value: unknown, expected: Check): void {
  checkArgument(where, name, value, expected, refuse);
}

/** Checks options of the finder's room. */
export function checkFinderOptions<T extends object>(
  where: string,
  options: unknown,
  checks: Checks<T>,
): void {
  checkOptions<T>(where, options, checks, refuse);
}

/** A list of losses: any numbers, NaN and infinities included. */
export const losses: Check = {
  expected: "a list of numbers",
  accepts(value) {
    if (!Array.isArray(value)) return false;
    // Not by `every`, which passes over holes; nor by a copy, as curves may be long.
    for (let i = 0; i < value.length; i++) if (typeof value[i] !== "number") return false;
    return true;
  },
};

/** A smoothing factor. */
export const smoothing: Check = number({ min: 0, below: 1 });

/** Suggestions by the name of their suggester. */
export const suggestions: Check = {
  expected: "suggestions by name, each { lr, point } or { lr: null, reason }",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(isSuggestion),
};

/** What a trainer says of itself. */
export const trainerInfo: Check = {
  expected: "{ name, parameters, versions }, a string, a number and strings by name, each of them optional",
  accepts(value) {
    if (typeof value !== "object" || value === null) return false;
    const { name = "", parameters = 0, versions = {} } = value as Record<string, unknown>;
    return (
      typeof name === "string" &&
      Number.isFinite(parameters) &&
      typeof versions === "object" &&
      versions !== null &&
      Object.values(versions).every((version) => typeof version === "string")
    );
  },
};

/** Whether something is what a suggester returns. */
function isSuggestion(value: unknown): value is Suggestion {
  if (typeof value !== "object" || value === null) return false;
  const { lr, point } = value as { lr?: unknown; point?: { lr?: unknown; loss?: unknown } | null };
  if (lr === null) return true;
  return typeof lr === "number" && lr > 0 && Number.isFinite(lr) && typeof point?.loss === "number";
}

/** Throws unless something has a curve's columns, whatever they hold: enough to read it without harm. */
export function checkColumns(where: string, curve: unknown): asserts curve is Curve {
  const columns = curve as Partial<Curve> | null | undefined;
  const wrong = (["lr", "loss", "smoothed"] as const).find((field) => !Array.isArray(columns?.[field]));
  if (typeof columns === "object" && columns !== null && wrong === undefined) {
    if (typeof columns.numIt === "number") return;
    const { numIt } = columns;
    throw new CurveFormatError(where, {
      field: "numIt",
      expected: "numIt to be a number",
      received: numIt,
      hint: "how many steps were planned",
    });
  }
  const received = columns?.[wrong as keyof Curve] ?? curve;
  throw new CurveFormatError(where, {
    field: wrong ?? "curve",
    expected: `a curve with lists lr, loss and smoothed`,
    received: describe(received) === "an object" ? curve : received,
    hint: "parseCurve(text) for a file, or { numIt, stop, lr, loss, smoothed }",
  });
}
