import type { SearchFacts } from "lrfind";
import { describe } from "lrfind/core";
import { LearnerError } from "./errors.js";
import { NULL_RATE } from "./fit/schedules/check-value.js";

/**
 * A learning rate: one for all parameter groups; or one per group, first layers first; or a range spread
 * geometrically over the groups; or what `lrFind` returned. A range without `from` gives the last group `to` and the
 * others a tenth of it.
 */
export type LearningRate =
  | number
  | readonly number[]
  | { readonly from?: number; readonly to: number }
  | FoundRate;

/** The part of `lrFind`'s result that a learning rate is read from. */
export type FoundRate = Pick<SearchFacts, "lrs"> & {
  readonly lr?: number | null;
  readonly groups?: readonly { readonly group: string; readonly suggestions: object }[];
  readonly suggestions?: object;
};

/**
 * A learning rate for each of `groups` parameter groups.
 *
 * For a range, group i of n gets `from * (to / from) ** (i / (n - 1))`. A result of `lrFind` gives its `lrs`.
 *
 * @param where - Names the caller in errors.
 * @throws {LearnerError} when a rate is no positive number, the list has another length than the groups, or the search
 *   found no rate.
 *
 * @example
 * ```ts
 * ratesOf({ from: 1e-4, to: 1e-2 }, 3, "fit"); // [0.0001, 0.001, 0.01]
 * ```
 *
 * Source: fastai's `slice` of learning rates (Howard and Gugger 2020, section 3.2).
 */
export function ratesOf(lr: LearningRate, groups: number, where: string): readonly number[] {
  if (!Number.isSafeInteger(groups) || groups < 1 || groups > 100_000) {
    const expected = "a number of parameter groups from 1 up";
    throw new LearnerError({ where: "ratesOf groups", expected, got: describe(groups) });
  }
  if (typeof where !== "string") {
    throw new LearnerError({ where: "ratesOf where", expected: "a string", got: describe(where) });
  }
  if (isFound(lr)) return ratesOf(foundRates(lr, where), groups, where);
  if (Array.isArray(lr)) {
    if (lr.length !== groups) {
      throw new LearnerError({
        where: `${where} lr`,
        expected: `${groups} learning rate(s), one per parameter group`,
        got: String(lr.length),
      });
    }
    return lr.map((rate, i) => positive(rate, `${where} lr[${i}]`));
  }
  if (typeof lr !== "object" || lr === null) {
    return new Array<number>(groups).fill(positive(lr, `${where} lr`));
  }
  const { from, to } = lr as { readonly from?: number; readonly to: number };
  const last = positive(to, `${where} lr.to`);
  if (from === undefined)
    return Array.from({ length: groups }, (_, i) => (i === groups - 1 ? last : last / 10));
  const first = positive(from, `${where} lr.from`);
  if (groups === 1) return [last];
  return Array.from({ length: groups }, (_, i) => first * (last / first) ** (i / (groups - 1)));
}

/** The one rate of a number or a search: the last group's. @throws {LearnerError} when the search found none. */
export function singleRate(lr: number | FoundRate, where: string): number {
  return positive(isFound(lr) ? foundRates(lr, where).at(-1) : lr, where);
}

function isFound(lr: LearningRate): lr is FoundRate {
  return typeof lr === "object" && lr !== null && "lrs" in lr;
}

function foundRates(found: FoundRate, where: string): readonly number[] {
  if (Array.isArray(found.lrs)) return found.lrs;
  const silent = found.groups?.find(({ suggestions }) => reasonOf(suggestions) !== undefined);
  const reason = reasonOf((silent ?? found).suggestions);
  throw new LearnerError({
    where: `${where} lr`,
    expected: "a search that found a learning rate",
    got: `none${silent ? ` for group "${silent.group}"` : ""}${reason ? ` (${reason})` : ""}`,
    hint: "another of suggestFuncs, or what the result's diagnostics say",
  });
}

/** Why the first suggester found nothing. */
function reasonOf(suggestions: object = {}): string | undefined {
  const [first] = Object.values(suggestions) as { lr: number | null; reason?: string }[];
  return first?.lr === null ? first.reason : undefined;
}

function positive(value: unknown, where: string): number {
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return value;
  const hint = value === null ? { hint: NULL_RATE } : {};
  throw new LearnerError({ where, expected: "a positive number", got: describe(value), ...hint });
}
