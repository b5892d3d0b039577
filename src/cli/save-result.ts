import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LrFindResult } from "../finder/index.js";
import { curveToJson } from "../finder/index.js";
import { toPng, toSvg } from "../plot/index.js";

/**
 * Writes a result as `curve.json`, `plot.svg` and `plot.png`; each file is whole or not there.
 *
 * @param directory - Made where it does not exist.
 * @returns The paths of the files.
 *
 * @example
 * ```ts
 * await saveResult(await learn.lrFind(), "lr-find");
 * ```
 */
export async function saveResult(result: LrFindResult, directory: string): Promise<readonly string[]> {
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ["curve.json", curveToJson(result.curve)],
    ["plot.svg", await toSvg(result)],
    ["plot.png", await toPng(result)],
  ];
  await mkdir(directory, { recursive: true });
  for (const [name, contents] of files) {
    const path = join(directory, name);
    await writeFile(`${path}.part`, contents);
    await rename(`${path}.part`, path);
  }
  return files.map(([name]) => join(directory, name));
}
