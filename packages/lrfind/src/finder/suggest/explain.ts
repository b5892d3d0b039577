import { anything } from "../../core/index.js";
import { checkFinderOptions } from "../checks.js";
import { checkCurve } from "../curve/check-curve.js";
import type { Curve } from "../curve/curve.js";
import { trimCurve } from "../curve/trim.js";
import type { Explanation } from "./explanation.js";
import { checkSuggestFuncs, DEFAULT_SUGGEST_FUNCS } from "./suggest.js";
import type { Suggester } from "./suggesters/suggester.js";

/**
 * How suggesters came to their rates, read off the same curve: for a picture that shows why.
 *
 * @param curve - A recorded curve, of any length.
 * @param options.suggestFuncs - The suggesters to ask, of different names. Default `[valley]`.
 * @returns By suggester name; without those that have no rate, or do not explain themselves.
 * @throws LrFindOptionError for something other than suggesters, or two of one name.
 * @throws CurveFormatError for something other than a curve.
 *
 * @example
 * ```ts
 * console.log(explain(curve, { suggestFuncs: [edge] })["edge"]?.text);
 * ```
 */
export function explain(
  curve: Curve,
  options: { readonly suggestFuncs?: readonly Suggester[] } = {},
): Readonly<Record<string, Explanation>> {
  checkFinderOptions<{ readonly suggestFuncs?: readonly Suggester[] }>("explain", options, {
    suggestFuncs: anything,
  });
  const { suggestFuncs = DEFAULT_SUGGEST_FUNCS } = options;
  checkSuggestFuncs("explain", suggestFuncs);
  checkCurve("explain", curve);
  const { lr, loss } = trimCurve(curve);
  const found = suggestFuncs.flatMap((func) => {
    const explanation = func.explain?.({ lr, loss, curve });
    return explanation ? [[func.name, explanation] as const] : [];
  });
  return Object.fromEntries(found);
}
