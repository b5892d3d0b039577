import { checkArgument, LrfindError, nodeModule, writeAtomically } from "../core/index.js";
import type { LrFindGroupsResult, LrFindResult } from "../finder/index.js";
import { curveToJson, toJson } from "../finder/index.js";
import { toPng, toSvg } from "../plot/index.js";
import { checkPlottable } from "../plot/internal.js";

/**
 * Writes a result as `result.json`, which `parseResult` reads back, `plot.svg` and `plot.png`, and its curve, where it
 * has one for all groups, as `curve.json`. Each file is whole or not there.
 *
 * @param directory - Made where it does not exist.
 * @returns The paths of the files.
 * @throws {OptionError} when it is no result, or no path; {ResultFormatError} for a result that is not whole.
 * @throws {LrfindError} when the files cannot be written; the system's error is its `cause`.
 *
 * @example
 * ```ts
 * await saveResult(await learn.lrFind(), "lr-find");
 * ```
 */
export async function saveResult(
  result: LrFindResult | LrFindGroupsResult,
  directory: string,
): Promise<readonly string[]> {
  checkPlottable("saveResult", result);
  checkArgument("saveResult", "directory", directory, {
    expected: "the path of a directory",
    accepts: (value) => typeof value === "string" && value !== "" && !value.includes("\0"),
  });
  const { join } = nodeModule<typeof import("node:path")>("path");
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ["result.json", toJson(result)],
    ...("groups" in result ? [] : [["curve.json", curveToJson(result.curve)] as const]),
    ["plot.svg", await toSvg(result)],
    ["plot.png", await toPng(result)],
  ];
  try {
    for (const [name, contents] of files) {
      const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
      await writeAtomically(join(directory, name), [bytes]);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LrfindError(
      { where: "saveResult", expected: `to write into ${JSON.stringify(directory)}`, got: reason },
      {
        cause,
      },
    );
  }
  return files.map(([name]) => join(directory, name));
}
