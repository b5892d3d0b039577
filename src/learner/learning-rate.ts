import { LearnerError } from "./errors.js";

/**
 * A learning rate: one for all parameter groups; or one per group, first layers first; or a range spread
 * geometrically over the groups. A range without `from` gives the last group `to` and the others a tenth of it.
 */
export type LearningRate = number | readonly number[] | { readonly from?: number; readonly to: number };

/**
 * A learning rate for each of `groups` parameter groups.
 *
 * For a range, group i of n gets `from * (to / from) ** (i / (n - 1))`.
 *
 * @param where - Names the caller in errors.
 * @throws {LearnerError} when a rate is no positive number, or the list has another length than the groups.
 *
 * Source: fastai's `slice` of learning rates (Howard and Gugger 2020, section 3.2).
 */
export function ratesOf(lr: LearningRate, groups: number, where: string): readonly number[] {
  if (typeof lr === "number") return new Array<number>(groups).fill(positive(lr, `${where} lr`));
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
  const { from, to } = lr as { readonly from?: number; readonly to: number };
  const last = positive(to, `${where} lr.to`);
  if (from === undefined)
    return Array.from({ length: groups }, (_, i) => (i === groups - 1 ? last : last / 10));
  const first = positive(from, `${where} lr.from`);
  if (groups === 1) return [last];
  return Array.from({ length: groups }, (_, i) => first * (last / first) ** (i / (groups - 1)));
}

function positive(value: unknown, where: string): number {
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return value;
  throw new LearnerError({ where, expected: "a positive number", got: String(value) });
}
