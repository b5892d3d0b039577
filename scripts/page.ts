/**
 * Bundles the script of report.html into `packages/lrfind/src/report/page-script.ts`: the report is one file, and its room
 * runs from its sources, in a browser too.
 *
 * Run: npm run page
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { root } from "./packages.js";

const ROOM = "packages/lrfind/src/report";

/** The module that holds the bundled script. */
export async function pageModule(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, ROOM, "page/main.ts")],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    tsconfigRaw: "{}",
  });
  // Inside a script element, which it must not end.
  const code = outputFiles[0]!.text.trim().replaceAll("</", "<\\/");
  const note = "// Written by `npm run page` from `page/`: do not edit.";
  return `${note}\nexport const PAGE_SCRIPT =\n  ${JSON.stringify(code)};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(root, ROOM, "page-script.ts"), await pageModule());
}
