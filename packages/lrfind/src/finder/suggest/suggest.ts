import { anything } from "../../core/index.js";
import { checkFinderOptions } from "../checks.js";
import { checkCurve } from "../curve/check-curve.js";
import type { Curve } from "../curve/curve.js";
import { trimCurve } from "../curve/trim.js";
import { ContractError, LrFindOptionError } from "../errors.js";
import type { Suggester, Suggestions } from "./suggesters/suggester.js";
import { valley } from "./suggesters/valley.js";
import type { Suggestion } from "./suggestion.js";

/** Which suggesters to ask when none are named. */
export const DEFAULT_SUGGEST_FUNCS = [valley] as const;

/** The suggesters that are asked when none are named, by their types. */
export type DefaultSuggestFuncs = typeof DEFAULT_SUGGEST_FUNCS;

/**
 * Reads learning rates off a recorded curve, as `lrFind` does off a fresh one. Trains nothing.
 *
 * @param curve - A recorded curve, of any length.
 * @param options.suggestFuncs - The suggesters to ask, of different names. Default `[valley]`.
 * @returns Their suggestions, each under its suggester's name, in the order asked for.
 * @throws LrFindOptionError for something other than suggesters, or two of one name.
 * @throws CurveFormatError for something other than a curve.
 *
 * @example
 * ```ts
 * const { valley: found } = suggest(parseCurve(text));
 * console.log(found.lr ?? found.reason);
 *
 * const all = suggest(curve, { suggestFuncs: [minimum, steep, valley, slide, edge] });
 * console.log(all.edge.lr, all.slide.lr);
 * ```
 */
export function suggest<const Funcs extends readonly Suggester[] = DefaultSuggestFuncs>(
  curve: Curve,
  options: { readonly suggestFuncs?: Funcs } = {},
): Suggestions<Funcs> {
  checkFinderOptions<{ readonly suggestFuncs?: Funcs }>("suggest", options, { suggestFuncs: anything });
  const { suggestFuncs = DEFAULT_SUGGEST_FUNCS as unknown as Funcs } = options;
  checkSuggestFuncs("suggest", suggestFuncs);
  checkCurve("suggest", curve);
  const { lr, loss } = trimCurve(curve);
  const suggestions = suggestFuncs.map((func) => [func.name, answer(func, { lr, loss, curve })]);
  return Object.fromEntries(suggestions) as Suggestions<Funcs>;
}

/** Throws unless the suggesters are suggesters, of different names. */
export function checkSuggestFuncs(where: string, suggestFuncs: readonly Suggester[]): void {
  const option = "suggestFuncs";
  if (!Array.isArray(suggestFuncs) || suggestFuncs.length === 0) {
    const expected = "suggestFuncs to be a list of at least one suggester";
    throw new LrFindOptionError(where, { option, expected, received: suggestFuncs, hint: "[valley]" });
  }
  const names = new Set<string>();
  for (const [i, func] of (suggestFuncs as readonly Suggester[]).entries()) {
    if (typeof func?.name !== "string" || typeof func.suggest !== "function") {
      const expected = `suggestFuncs[${i}] to be a suggester`;
      const hint = "valley, or one made by suggester(name, …)";
      throw new LrFindOptionError(where, { option, expected, received: func, hint });
    }
    if (names.has(func.name)) {
      const expected = "suggestFuncs of different names";
      const received = suggestFuncs.map(({ name }) => name);
      const hint = `${func.name}.with(…).as("another name")`;
      throw new LrFindOptionError(where, { option, expected, received, hint });
    }
    names.add(func.name);
  }
}

/** A suggester's answer, held to its contract: a suggester may be anyone's. */
function answer(func: Suggester, input: Parameters<Suggester["suggest"]>[0]): Suggestion {
  const found = func.suggest(input);
  if (found?.lr === null && typeof found.reason === "string") return found;
  if (typeof found?.lr === "number" && found.lr > 0 && Number.isFinite(found.lr) && found.point) return found;
  throw new ContractError("suggest", {
    member: `suggester ${func.name}`,
    expected: `suggester "${func.name}" to return a rate above 0 with its point, or lr null with a reason`,
    received: found,
    hint: '{ lr: null, reason: "…" } where the curve supports no rate',
  });
}
