import { didYouMean } from "lrfind/core";
import { OnnxError } from "../errors.js";

/** Tensors of a file, each by its name or by a pattern that its name matches. */
export type TensorSelection = readonly (string | RegExp)[];

/**
 * The names that a selection stands for.
 *
 * @param option - Whose it is, for messages.
 * @param candidates - The names to choose among.
 * @throws {OnnxError} when a name is none of them, or a pattern matches none.
 */
export function selectedNames(
  file: string,
  option: string,
  selection: TensorSelection,
  candidates: readonly string[],
): ReadonlySet<string> {
  const chosen = new Set<string>();
  for (const entry of selection) {
    const matches =
      typeof entry === "string"
        ? candidates.filter((name) => name === entry)
        : candidates.filter((name) => name.search(entry) >= 0);
    if (matches.length === 0) {
      const known = candidates.slice(0, 8).map((name) => `"${name}"`);
      const rest = candidates.length > known.length ? `, … ${candidates.length} in all` : "";
      const near = typeof entry === "string" ? didYouMean(entry, candidates) : undefined;
      const hint = near === undefined ? `one of ${known.join(", ")}${rest}` : `"${near}"`;
      const got = typeof entry === "string" ? `"${entry}"` : String(entry);
      throw new OnnxError({
        where: `"${file}"`,
        expected: `${option} to name float32 tensors on the way to the output`,
        got,
        hint,
      });
    }
    for (const name of matches) chosen.add(name);
  }
  return chosen;
}
