import { expect } from "vitest";
import { describe, LrfindError } from "../../packages/lrfind/src/core/index.js";

/** What an option takes and refuses, at the boundary. */
export interface Boundary {
  readonly takes: readonly unknown[];
  readonly refuses: readonly unknown[];
}

const NO_NUMBERS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  "1",
  null,
  [1],
  {},
  1n,
  true,
];
const TINY = Number.MIN_VALUE;
const BELOW_1 = 1 - Number.EPSILON / 2;

/** A number in [0, 1). */
export const below1: Boundary = { takes: [0, TINY, BELOW_1], refuses: [-TINY, 1, ...NO_NUMBERS] };
/** A number in [0, 1]. */
export const upTo1: Boundary = { takes: [0, 1], refuses: [-TINY, 1 + Number.EPSILON, ...NO_NUMBERS] };
/** A number from 0 up. */
export const from0: Boundary = { takes: [0, TINY, 1e9], refuses: [-TINY, -1, ...NO_NUMBERS] };
/** A number above 0. */
export const above0: Boundary = { takes: [TINY, 1e9], refuses: [0, -TINY, ...NO_NUMBERS] };
/** Any finite number. */
export const finite: Boundary = { takes: [0, -1, 1e9], refuses: NO_NUMBERS };
/** true or false. */
export const flag: Boundary = { takes: [true, false], refuses: [0, 1, "true", null, {}, () => true] };
/** Any text. */
export const text: Boundary = { takes: ["a", ""], refuses: [0, null, true, ["a"], {}, Symbol("a")] };

/** A whole number from `min` up to `max`. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): Boundary {
  const beyond = max === Number.MAX_SAFE_INTEGER ? 2 ** 53 : max + 1;
  return { takes: [min, min + 1], refuses: [min - 1, min + 0.5, beyond, 1e308, ...NO_NUMBERS] };
}

/** One of some texts. */
export function words(...takes: readonly unknown[]): Boundary {
  return { takes, refuses: ["", "other", 0.5, null, [], `${String(takes[0]).toUpperCase()}_`] };
}

/** Some values, and others. */
export function boundary(takes: readonly unknown[], refuses: readonly unknown[]): Boundary {
  return { takes, refuses };
}

/**
 * Expects a function of options to take what its options take and to refuse the rest with an error of lrfind's, an
 * unknown option and one that is misspelt among them.
 *
 * @param call - Calls the function with options that are put to those that it needs.
 * @param options - All its options.
 * @param refuses - Does not let the unknown options through. Default: true.
 */
export function expectBoundaries(
  call: (options: never) => unknown,
  options: Readonly<Record<string, Boundary>>,
): void {
  const run = (given: unknown) => () => call(given as never);
  for (const [name, { takes, refuses }] of Object.entries(options)) {
    for (const value of takes) expect(run({ [name]: value }), `${name}: ${describe(value)}`).not.toThrow();
    for (const value of refuses) {
      expect(run({ [name]: value }), `${name}: ${describe(value)}`).toThrow(LrfindError);
      expect(run({ [name]: value }), `${name}: ${describe(value)}`).toThrow(name);
    }
    // Long enough a name that one letter more is near to it only.
    const misspelt = `${name}z`;
    if (name.length > 3)
      expect(run({ [misspelt]: takes[0] }), misspelt).toThrow(`"${misspelt}"; try ${name}`);
    expect(run({ [name]: undefined }), name).not.toThrow();
  }
  for (const value of [null, 1, "a", [], () => {}, new Map(), new Float32Array(1), new Date()]) {
    expect(run(value), describe(value)).toThrow(LrfindError);
  }
  expect(run({ nonsense: 1 })).toThrow(/"nonsense"|expected nonsense to be/);
}

/** Expects a function of one argument to take what a boundary takes and to refuse the rest. */
export function expectArgument(call: (value: never) => unknown, { takes, refuses }: Boundary): void {
  for (const value of takes) expect(() => call(value as never), describe(value)).not.toThrow();
  for (const value of refuses) expect(() => call(value as never), describe(value)).toThrow(LrfindError);
}
