/**
 * Builds `dist/` of each package: one module for each entry that it exports, what they share in `dist/chunks/`, and the
 * types that these lead to.
 *
 * d3's modules, the protobuf packages and the command's small ones become part of the chunks: they come as many small
 * modules, which take longer to load than to run. They are development dependencies therefore: whoever installs lrfind
 * does not need the packages behind them.
 *
 * Run: npm run build
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { builtinModules } from "./builtin-modules.js";
import { commandsOf, entriesOf, manifestOf, PACKAGES, root } from "./packages.js";

process.chdir(root);
for (const folder of PACKAGES) await buildPackage(folder);
// What npm puts into a package only from the package's own folder.
for (const folder of PACKAGES) copyFileSync("LICENSE", join(folder, "LICENSE"));
copyFileSync("CHANGELOG.md", "packages/lrfind/CHANGELOG.md");
rmSync("packages/learner/examples", { recursive: true, force: true });
for (const file of [
  "quickstart.mjs",
  "data/README.md",
  ...readdirSync("examples/data").flatMap((name) => (name.startsWith("digits-") ? [`data/${name}`] : [])),
]) {
  cpSync(join("examples", file), join("packages/learner/examples", file));
}

async function buildPackage(folder: string): Promise<void> {
  const manifest = manifestOf(folder);
  const { dependencies, peerDependencies } = manifest;
  const dist = join(folder, "dist");
  const entries = entriesOf(manifest);
  rmSync(dist, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: {
      ...Object.fromEntries(entries.map((entry) => [entry, join(folder, "src", `${entry}.ts`)])),
      ...Object.fromEntries(commandsOf(manifest).map((entry) => [entry, join(folder, "src", `${entry}.ts`)])),
      // A thread is started from a file, beside the chunk that starts it.
      ...(folder === "packages/engine"
        ? { "chunks/session-worker": join(folder, "src/runtime/worker/session-worker.js") }
        : {}),
    },
    outdir: dist,
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    format: "esm",
    // One build for both: Node runs the browser form of the packages inside as well.
    platform: "browser",
    target: ["node20.19", "es2022"],
    // By name, not by the sources that tsconfig.json leads to.
    external: ["node:*", "#*", ...Object.keys({ ...dependencies, ...peerDependencies })],
    plugins: [builtinModules],
    legalComments: "none",
    metafile: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  });
  const bundled = licences(Object.keys(metafile.inputs));
  if (bundled !== undefined) writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), bundled);
  await rollUpTypes(folder, entries);
}

/**
 * One file of types for each entry, and what entries share in `dist/chunks/`: as the code is laid out. What no entry leads
 * to stays out of them, and with it the packages that only this repository installs.
 */
async function rollUpTypes(folder: string, entries: readonly string[]): Promise<void> {
  const modules = join(root, "node_modules/.cache/types", folder);
  rmSync(modules, { recursive: true, force: true });
  const { status } = spawnSync(
    "node_modules/.bin/tsc",
    ["-p", join(folder, "tsconfig.build.json"), "--outDir", modules],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exit(status ?? 1);
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, join(modules, `${entry}.d.ts`)])),
    plugins: [dts({ dtsInput: true })],
    external: /^[^./]/,
  });
  await bundle.write({
    dir: join(folder, "dist"),
    entryFileNames: "[name].d.ts",
    chunkFileNames: "chunks/[name]-[hash].d.ts",
  });
  await bundle.close();
}

/** The licences of the packages that these files come from: each asks to be given on with copies of its code. */
function licences(files: readonly string[]): string | undefined {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  if (folders.size === 0) return undefined;
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as {
      readonly name: string;
      readonly version: string;
      readonly license: string;
    };
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? "" : readFileSync(`${folder}/${file}`, "utf8").trim();
    return [`${name} ${version}, ${license}`, text].join("\n\n").trim();
  });
  return `Code of these packages is part of the files in chunks/.\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
