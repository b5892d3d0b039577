import {
  type Finding,
  type LrFindOptions,
  type OnPoint,
  type SearchResult,
  type Suggester,
  valley,
} from "lrfind";
import { isNode } from "lrfind/core";
import type { Plottable } from "lrfind/plot";
import { LearnerError } from "./errors.js";

/** A name that bundlers do not follow: in a browser there is no terminal, and what draws in one needs Node's modules. */
const TERMINAL: string = "lrfind/terminal";

/**
 * Makes a search and shows it as fastai does: a bar on standard error while it runs, then the plot, what each suggester
 * found, and what speaks against it, on standard output.
 *
 * @param search - Makes the search; what it is given goes on to `lrFind`.
 * @param options - Of `lrFind`.
 * @throws {LearnerError} where there is no terminal.
 */
export async function showSearch<Funcs extends readonly Suggester[], Groups extends "together" | "each">(
  search: (options: LrFindOptions<Funcs, Groups>) => Promise<SearchResult<Funcs, Groups>>,
  options: LrFindOptions<Funcs, Groups>,
): Promise<SearchResult<Funcs, Groups>> {
  if (!isNode()) {
    throw new LearnerError({
      where: "lrFind show",
      expected: "a terminal, which Node has",
      got: "none",
      hint: "toSvg(result) of lrfind/plot, or toHtml(result) of lrfind/report",
    });
  }
  // Loaded here: who shows nothing need not wait for it.
  const [{ toTerminal }, { progress, showPoints, suggestionTable }] = await Promise.all([
    import("lrfind/plot"),
    import(/* @vite-ignore */ TERMINAL) as Promise<typeof import("lrfind/terminal")>,
  ]);
  const bar = progress("finding a learning rate");
  const show = showPoints(bar);
  const onPoint: OnPoint = (point, state) => {
    show(point, state);
    return options.onPoint?.(point, state);
  };
  let result: SearchResult<Funcs, Groups>;
  try {
    result = await search({ ...options, onPoint });
  } finally {
    bar.stop();
  }
  const lines = [toTerminal(result)];
  const { groups = [result as unknown as Finding] } = result as { readonly groups?: readonly Finding[] };
  for (const { suggestions } of groups)
    lines.push(suggestionTable(suggestions, options.suggestFuncs ?? [valley]));
  for (const { message } of result.diagnostics) lines.push(`! ${message}`);
  console.log(lines.join("\n"));
  return result;
}

/**
 * A result that shows itself as its picture in a notebook: `displayable` of lrfind/plot, which is loaded when a notebook
 * asks for the picture.
 */
export function displayed<Result extends object>(result: Result): Result {
  return Object.defineProperty(result, Symbol.for("Jupyter.display"), {
    configurable: true,
    enumerable: false,
    value: async () => (await import("lrfind/plot")).toMimeBundle(result as unknown as Plottable),
  });
}
