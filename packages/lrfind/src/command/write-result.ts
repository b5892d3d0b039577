import { join, resolve } from "node:path";
import { LrfindError, writeAtomically } from "../core/index.js";
import { curveToJson, type SearchResult, toJson } from "../finder/index.js";
import { toPng, toSvg } from "../plot/index.js";
import { toHtml } from "../report/index.js";
import type { Host } from "./host.js";

/** Writes a result, its curve and its pictures into a folder, and says so. */
export async function writeResult(
  result: SearchResult,
  { folder, command }: { readonly folder: string; readonly command: string },
  host: Host,
): Promise<void> {
  const files: [name: string, contents: string | Uint8Array][] = [
    ["result.json", toJson(result)],
    ...("groups" in result ? [] : [["curve.json", curveToJson(result.curve)] as [string, string]]),
    ["plot.svg", await toSvg(result)],
    ["report.html", await toHtml(result, { command })],
  ];
  try {
    files.push(["plot.png", await toPng(result)]);
  } catch (error) {
    // The package that draws it is optional, and all else is there.
    if (!(error instanceof LrfindError)) throw error;
    host.err(`no plot.png: ${error.message}\n`);
  }
  for (const [name, contents] of files) {
    const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
    await writeAtomically(join(resolve(host.cwd, folder), name), [bytes]);
  }
  host.err(`wrote ${files.map(([name]) => join(folder, name)).join(", ")}\n`);
}
