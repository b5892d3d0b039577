import { describe } from "./describe.js";
import { OptionError, type Problem } from "./errors.js";
import { otherName } from "./other-names.js";

/** What a value must be: the words for a message, and the test. */
export interface Check {
  /** What would have been right: `"an integer of at least 1"`. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** The part of a value that is wrong, in words. Default: the value. */
  readonly got?: (value: unknown) => string;
  /** What to try instead of a value that is refused; given the value. */
  readonly hint?: ((value: unknown) => string | undefined) | undefined;
  /** Whether the value may not be left out. */
  readonly required?: boolean;
}

/** A check for every option of `T`: one that is missing here does not compile. */
export type Checks<T> = { readonly [K in keyof Required<T>]: Check };

/** Throws an error for a problem. */
export type Fail = (problem: Problem & { readonly option: string; readonly received: unknown }) => never;

/**
 * Checks an options object: that it is one, that somebody reads each of its options (a misspelt one would be
 * ignored in silence), that the required ones are there, and that each value is what it must be. `undefined` counts
 * as left out.
 *
 * @param where - The caller, which begins every message.
 * @param options - What the user gave.
 * @param checks - By option.
 * @param fail - Throws the room's own error. Default: an `OptionError`.
 *
 * @example
 * ```ts
 * checkOptions("accuracy", options, { threshold: number({ min: 0, max: 1 }) });
 * ```
 */
export function checkOptions<T extends object>(
  where: string,
  options: unknown,
  checks: Checks<T>,
  fail: Fail = refuse,
): asserts options is T {
  if (!isPlainObject(options)) {
    const expected = "an options object";
    const [first] = Object.keys(checks);
    const hint = first === undefined ? "{}" : `{ ${first}: … }`;
    fail({ where, expected, got: describe(options), hint, option: "options", received: options });
  }
  const known = Object.keys(checks);
  for (const option of Object.keys(options)) {
    if (known.includes(option) || options[option] === undefined) continue;
    const names = known.length > 1 ? `one of ${known.join(", ")}` : known[0];
    const hint = didYouMean(option, known) ?? names;
    fail({ where, expected: "a known option", got: JSON.stringify(option), hint, option, received: option });
  }
  for (const [option, check] of Object.entries<Check>(checks)) {
    const value = options[option];
    if (value === undefined && !check.required) continue;
    if (check.accepts(value)) continue;
    const hint = check.hint?.(value);
    const expected = `${option} to be ${check.expected}`;
    fail({ where, expected, got: check.got?.(value) ?? describe(value), hint, option, received: value });
  }
}

/** Checks one argument, as `checkOptions` does an option. */
export function checkArgument(
  where: string,
  name: string,
  value: unknown,
  check: Check,
  fail: Fail = refuse,
): void {
  if (check.accepts(value)) return;
  const expected = `${name} to be ${check.expected}`;
  const got = check.got?.(value) ?? describe(value);
  fail({ where, expected, got, hint: check.hint?.(value), option: name, received: value });
}

function refuse(problem: Parameters<Fail>[0]): never {
  throw new OptionError(problem);
}

/**
 * The known name that is meant by another: one that differs by a few letters (`start_lr` and `statLr` are `startLr`),
 * or that other frameworks have (`bs` is `batchSize`).
 */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const wanted = bare(name);
  const meant = otherName(wanted, known);
  if (meant !== undefined) return meant;
  const near = known
    .map((other) => ({ other, distance: editDistance(wanted, bare(other)) }))
    .filter(({ other, distance }) => distance <= Math.floor(Math.max(wanted.length, other.length) / 3))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.other;
}

/** A name without case and underscores. */
function bare(name: string): string {
  return name.slice(0, 60).replaceAll(/[_-]/g, "").toLowerCase();
}

/** Levenshtein's: insertions, deletions and replacements that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Whether a value can hold options: no array, date, map, promise, typed array, …, whose contents nobody would read. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** The check of an option that must be given. */
export function required(check: Check): Check {
  return { ...check, required: true };
}

/** Any value: its own reader checks it. */
export const anything: Check = { expected: "anything", accepts: () => true };

export const boolean: Check = { expected: "true or false", accepts: (value) => typeof value === "boolean" };

export const string: Check = { expected: "a string", accepts: (value) => typeof value === "string" };

/** An interval: `min` and `max` belong to it, `above` and `below` do not. */
export interface Interval {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** A finite number in an interval. */
export function number(interval: Interval = {}): Check {
  return {
    expected: `a finite number${inWords(interval)}`,
    accepts: (value) => typeof value === "number" && Number.isFinite(value) && isWithin(value, interval),
  };
}

/** A safe integer in an interval. */
export function integer(interval: Interval = {}): Check {
  return {
    expected: `an integer${inWords(interval)}`,
    accepts: (value) => Number.isSafeInteger(value) && isWithin(value as number, interval),
  };
}

/** One of a few values. */
export function oneOf(...values: readonly (string | number | boolean | null)[]): Check {
  const names = values.map(describe);
  return {
    expected: names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`,
    accepts: (value) => (values as readonly unknown[]).includes(value),
    hint: (value) => (typeof value === "string" ? didYouMean(value, values.map(String)) : undefined),
  };
}

/** An array whose every element passes a check. */
export function arrayOf(element: Check, { minLength = 0 }: { readonly minLength?: number } = {}): Check {
  const firstWrong = (value: unknown) =>
    Array.isArray(value) ? Array.from(value).findIndex((part) => !element.accepts(part)) : -1;
  return {
    expected: `an array${minLength > 0 ? ` of at least ${minLength}` : ""}, each element ${element.expected}`,
    accepts: (value) =>
      Array.isArray(value) && value.length >= minLength && Array.from(value).every(element.accepts),
    got(value) {
      const index = firstWrong(value);
      return index < 0 ? describe(value) : `${describe((value as unknown[])[index])} at index ${index}`;
    },
    hint: (value) => element.hint?.(firstWrong(value) < 0 ? value : (value as unknown[])[firstWrong(value)]),
  };
}

/** A value that passes one of several checks. */
export function either(...checks: readonly Check[]): Check {
  return {
    expected: checks.map(({ expected }) => expected).join(", or "),
    accepts: (value) => checks.some(({ accepts }) => accepts(value)),
    got: (value) =>
      checks.map(({ got }) => got?.(value)).find((got) => got !== undefined && got !== describe(value)) ??
      describe(value),
    hint: (value) => checks.map(({ hint }) => hint?.(value)).find((hint) => hint !== undefined),
  };
}

export const func: Check = { expected: "a function", accepts: (value) => typeof value === "function" };

/**
 * An object with certain methods, as functions make it: an optimizer, a loss, a metric. The function itself in its
 * place is the usual mistake, and the hint says so.
 *
 * @param expected - In words: `"an optimizer"`.
 * @param methods - Names of methods that it must have.
 * @param example - A call that makes one: `"sgd()"`.
 */
export function made(expected: string, methods: readonly string[], example: string): Check {
  return {
    expected,
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function"),
    hint: (value) => (typeof value === "function" && value.name ? `${value.name}()` : example),
  };
}

/** An object made by a class. */
export function instanceOf(
  type: abstract new (...args: never) => unknown,
  expected = `a ${type.name}`,
): Check {
  return { expected, accepts: (value) => value instanceof type };
}

/** An array of a fixed length, each element with a check of its own. */
export function tuple(...elements: readonly Check[]): Check {
  return {
    expected: `[${elements.map(({ expected }) => expected).join(", ")}]`,
    accepts: (value) =>
      Array.isArray(value) &&
      value.length === elements.length &&
      elements.every(({ accepts }, i) => accepts(value[i])),
  };
}

/** Two finite numbers, the lesser first. */
export const range: Check = {
  expected: "two finite numbers, the lesser first",
  accepts: (value) =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1],
  hint: (value) =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] > value[1]
      ? `[${describe(value[1])}, ${describe(value[0])}]`
      : undefined,
};

/** A check with a hint of its own: what to try instead. */
export function withHint(check: Check, hint: string): Check {
  return { ...check, hint: (value) => check.hint?.(value) ?? hint };
}

/** A signal that an `AbortController` gives, of any realm. */
export const abortSignal: Check = {
  expected: "an AbortSignal",
  accepts: (value) => typeof (value as AbortSignal | null | undefined)?.aborted === "boolean",
  hint: (value) => (value instanceof AbortController ? "its signal" : "new AbortController().signal"),
};

function isWithin(value: number, { min, max, above, below }: Interval): boolean {
  return (
    value >= (min ?? Number.NEGATIVE_INFINITY) &&
    value <= (max ?? Number.POSITIVE_INFINITY) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  );
}

function inWords({ min, max, above, below }: Interval): string {
  const [from, to] = [min ?? above, max ?? below];
  if (from !== undefined && to !== undefined) {
    return ` in ${min === undefined ? "(" : "["}${from}, ${to}${max === undefined ? ")" : "]"}`;
  }
  const parts = [
    min === undefined ? "" : `at least ${min}`,
    above === undefined ? "" : `above ${above}`,
    max === undefined ? "" : `at most ${max}`,
    below === undefined ? "" : `below ${below}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : ` ${parts.join(" and ")}`;
}
