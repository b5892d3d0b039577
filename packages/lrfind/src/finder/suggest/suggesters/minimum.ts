import { LrFindOptionError } from "../../errors.js";
import type { Suggestion } from "../suggestion.js";
import { CONSTANT_REASON, isConstant } from "./constant.js";
import { scaledRate } from "./scaled-rate.js";
import { suggester } from "./suggester.js";

/** Options of `minimum`. */
export interface MinimumOptions {
  /** How far below the rate of the smallest loss to stay; above 0. @default 10 */
  readonly divisor: number;
}

/**
 * A tenth of the rate with the smallest loss: where the loss is smallest it is about to rise, so stay an
 * order of magnitude below.
 *
 * `m = argmin L; lr = x[m] / 10`, read at `(x[m], L[m])`.
 *
 * Gives no rate for fewer than two points, or where every loss is the same.
 *
 * @example
 * ```ts
 * suggest(curve, { suggestFuncs: [minimum] }).minimum.lr;
 * ```
 *
 * Source: fastai's `minimum`.
 */
export const minimum = suggester(
  "minimum",
  ({ lr, loss }, { divisor }: MinimumOptions): Suggestion => {
    if (loss.length < 2) return { lr: null, reason: `${loss.length} readable points, at least 2 are needed` };
    if (isConstant(loss)) return { lr: null, reason: CONSTANT_REASON };
    const lowest = lowestIndex(loss);
    return scaledRate(lr[lowest]! / divisor, { lr: lr[lowest]!, loss: loss[lowest]! });
  },
  {
    summary: "a tenth of the rate with the smallest loss",
    explain({ lr, loss }, { divisor }) {
      if (loss.length < 2 || isConstant(loss)) return null;
      const lowest = lowestIndex(loss);
      return {
        text: `The smallest loss; the rate is that there, divided by ${divisor}.`,
        places: [{ label: "smallest loss", lr: lr[lowest]!, loss: loss[lowest]! }],
      };
    },
    defaults: { divisor: 10 },
    check({ divisor }, where) {
      if (divisor > 0 && Number.isFinite(divisor)) return;
      const expected = "divisor > 0";
      throw new LrFindOptionError(where, { option: "divisor", expected, received: divisor, hint: "10" });
    },
  },
);

/** Index of the smallest loss; of several the first. */
function lowestIndex(loss: readonly number[]): number {
  let lowest = 0;
  for (let i = 1; i < loss.length; i++) {
    if (loss[i]! < loss[lowest]!) lowest = i;
  }
  return lowest;
}
