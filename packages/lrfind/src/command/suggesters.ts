import { arrayOf, checkArgument, oneOf } from "../core/index.js";
import { edge, minimum, type Suggester, slide, steep, valley } from "../finder/index.js";
import { SUGGESTER_NAMES } from "./declared/flags.js";

const SUGGESTERS: readonly Suggester[] = [valley, slide, steep, minimum, edge];

/**
 * The suggesters of some names, which the command line or a configuration gave.
 *
 * @throws {OptionError} for a name that is none's.
 */
export function suggestersNamed(names: readonly string[]): Suggester[] {
  checkArgument("lrfind.config", "suggestFuncs", names, arrayOf(oneOf(...SUGGESTER_NAMES), { minLength: 1 }));
  return names.map((name) => SUGGESTERS.find((suggester) => suggester.name === name)!);
}
