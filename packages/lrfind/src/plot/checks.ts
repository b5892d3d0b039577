import { arrayOf, type Check, checkArgument, describe, number, oneOf, string } from "../core/index.js";
import { STOP_REASONS } from "../finder/internal.js";
import { MAX_OVERLAID, type NamedResult } from "./overlay.js";
import type { Plottable, PlottableFinding } from "./scene.js";

const numbers = arrayOf({ expected: "a number", accepts: (value) => typeof value === "number" });
const stop = oneOf(...STOP_REASONS);
const rate = number({ above: 0 });

const suggestion: Check = {
  expected: "a suggestion",
  accepts(value) {
    if (!isRecord(value)) return false;
    const { lr, point } = value;
    return lr === null || (rate.accepts(lr) && isRecord(point) && typeof point["loss"] === "number");
  },
};

const spread: Check = {
  expected: "a spread",
  accepts: (value) =>
    isRecord(value) && ["low", "high"].every((end) => value[end] === null || rate.accepts(value[end])),
};

/** What each field of a result must be to be drawn, however degenerate its curve. */
const FIELDS: { readonly [field in keyof Required<PlottableFinding>]: Check } = {
  curve: {
    expected: "a curve",
    accepts: (value) =>
      isRecord(value) &&
      Number.isSafeInteger(value["numIt"]) &&
      stop.accepts(value["stop"]) &&
      ["lr", "loss", "smoothed"].every((column) => numbers.accepts(value[column])),
    hint: () => "parseCurve(text) for a file",
  },
  suggestions: {
    expected: "suggestions by name",
    accepts: (value) => isRecord(value) && Object.values(value).every(suggestion.accepts),
    hint: () => "suggest(curve)",
  },
  runs: {
    expected: "runs with their band and spread",
    accepts: (value) =>
      isRecord(value) &&
      Array.isArray(value["each"]) &&
      isRecord(value["spread"]) &&
      Object.values(value["spread"]).every(spread.accepts) &&
      isBand(value["band"]),
  },
  lossOn: oneOf("train", "validation"),
  group: string,
};

/** Throws unless something can be drawn. */
export function checkPlottable(where: string, result: unknown): asserts result is Plottable {
  checkArgument(where, "result", result, RESULT);
  const { groups, lossOn } = result as { groups?: unknown; lossOn?: unknown };
  if (groups === undefined) {
    checkFinding(where, "result", result as object);
    return;
  }
  checkArgument(where, "result.groups", groups, GROUPS);
  if (lossOn !== undefined) checkArgument(where, "result.lossOn", lossOn, FIELDS.lossOn);
  for (const [i, group] of (groups as object[]).entries()) {
    checkFinding(where, `result.groups[${i}]`, group);
  }
}

/** Throws unless something can be drawn: a result, or some with names. */
export function checkDrawable(
  where: string,
  result: unknown,
): asserts result is Plottable | readonly NamedResult[] {
  if (!Array.isArray(result)) {
    checkPlottable(where, result);
    return;
  }
  checkArgument(where, "results", result, NAMED);
  for (const { result: each } of result as readonly NamedResult[]) checkPlottable(where, each);
}

const NAMED: Check = {
  expected: `1 to ${MAX_OVERLAID} results with names`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_OVERLAID &&
    Array.from(value).every(
      (each) => isRecord(each) && typeof each["name"] === "string" && isRecord(each["result"]),
    ),
  got: (value) => (Array.isArray(value) && value.length > MAX_OVERLAID ? `${value.length}` : describe(value)),
  hint: () => "[{ name, result }, …]",
};

/** Throws unless something can be drawn as one picture. */
export function checkPlottableFinding(where: string, result: unknown): asserts result is PlottableFinding {
  checkArgument(where, "result", result, RESULT);
  checkFinding(where, "result", result as object);
}

function checkFinding(where: string, path: string, finding: object): void {
  for (const [field, check] of Object.entries(FIELDS)) {
    const value = (finding as Record<string, unknown>)[field];
    if (value === undefined && field !== "curve" && field !== "suggestions") continue;
    checkArgument(where, `${path}.${field}`, value, "groups" in finding ? oneOfItsGroups(check) : check);
  }
}

/** A result of several groups where one finding is wanted is the usual mistake. */
function oneOfItsGroups(check: Check): Check {
  return { ...check, hint: () => "one of result.groups" };
}

const GROUPS: Check = {
  expected: "a finding per parameter group, at least one",
  accepts: (value) => Array.isArray(value) && value.length > 0 && Array.from(value).every(isRecord),
  hint: () => "the result of a search that came to its first group",
};

const RESULT: Check = {
  expected: "a result",
  accepts: isRecord,
  hint: () => "lrFind's result, or { curve, suggestions }",
};

function isBand(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { lr, low, high } = value;
  return (
    [lr, low, high].every(numbers.accepts) &&
    [low, high].every((edge) => (edge as number[]).length === (lr as number[]).length)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
