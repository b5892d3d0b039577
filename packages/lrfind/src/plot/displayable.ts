import { checkPlottable } from "./checks.js";
import { toSvg } from "./figure/to-svg.js";
import type { Plottable } from "./scene.js";
import { toTerminal } from "./terminal/to-terminal.js";

/** The symbol that Deno's Jupyter kernel, and others after it, ask a value for. */
const DISPLAY = Symbol.for("Jupyter.display");

/**
 * Lets a result show itself as its picture in a notebook: a cell that ends with it is followed by the plot.
 *
 * The result stays plain data: it is the same object, and what it is given is neither counted among its fields, nor copied
 * with it, nor written into its file.
 *
 * @param result - What can be drawn.
 * @returns The same result; one that is frozen is left as it is.
 * @throws {OptionError} when it is no result.
 *
 * @example
 * ```ts
 * displayable(await lrFind(trainer)); // the last line of a notebook's cell
 * ```
 *
 * Source: the Jupyter integration of Deno's documentation.
 */
export function displayable<Result extends Plottable>(result: Result): Result {
  checkPlottable("displayable", result);
  if (!Object.isExtensible(result)) return result;
  Object.defineProperty(result, DISPLAY, {
    configurable: true,
    enumerable: false,
    value: () => toMimeBundle(result),
  });
  return result;
}

/**
 * A result's picture as notebooks take it: by its type, as SVG and as text.
 *
 * @throws {OptionError} when it is no result.
 *
 * @example
 * ```ts
 * const bundle = await toMimeBundle(result);
 * console.log(bundle["text/plain"]);
 * ```
 */
export async function toMimeBundle(
  result: Plottable,
): Promise<{ readonly "image/svg+xml": string; readonly "text/plain": string }> {
  checkPlottable("toMimeBundle", result);
  return {
    "image/svg+xml": await toSvg(result),
    "text/plain": toTerminal(result, { columns: 80, color: false }),
  };
}
