/**
 * Builds `dist/`: one module for each room that the package exports, what they share in `dist/chunks/`, and the types
 * that these lead to.
 *
 * Vega and the protobuf packages become part of the chunks. They come as hundreds of small modules, and a range test
 * with its plot spends more time on loading those than on drawing: 0.25 of 1.8 s, and 10 MiB. They are development
 * dependencies therefore: whoever installs lrfind does not need the hundred packages behind them.
 *
 * Run: npm run build
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const { dependencies, peerDependencies, exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
};

// "./dist/finder/index.js" is made of "src/finder/index.ts".
const rooms = Object.values(exports).flatMap((entry) =>
  typeof entry === "string" ? [] : [entry.default.replace(/^\.\/dist\/|\/index\.js$/g, "")],
);

rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: {
    ...Object.fromEntries(rooms.map((room) => [`${room}/index`, `src/${room}/index.ts`])),
    // A thread is started from a file, beside the chunk that starts it.
    "chunks/session-worker": "src/runtime/session-worker.js",
  },
  outdir: "dist",
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  // Not "node": Vega would then read files, by an import that browsers lack. Node runs its browser form as well.
  platform: "browser",
  target: ["node20.19", "es2022"],
  external: ["node:*", ...Object.keys({ ...dependencies, ...peerDependencies })],
  legalComments: "none",
  metafile: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
});

writeFileSync("dist/THIRD-PARTY-LICENSES.txt", licences(Object.keys(metafile.inputs)));

const { status } = spawnSync("npx", ["tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
process.exitCode = status ?? 1;
removeInternalTypes(rooms.map((room) => `dist/${room}/index.d.ts`));

/** Removes the types that no room's lead to: they would name packages that only this repository installs. */
function removeInternalTypes(entries: readonly string[]): void {
  const reached = new Set<string>();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(/["'](\.{1,2}\/[^"']+)\.js["']/g)) {
      queue.push(join(dirname(file), `${path}.d.ts`));
    }
  }
  for (const file of readdirSync("dist", { recursive: true, encoding: "utf8" })) {
    const path = join("dist", file);
    if (/\.d\.ts(\.map)?$/.test(path) && !reached.has(path.replace(/\.map$/, ""))) rmSync(path);
  }
}

/** The licences of the packages that these files come from: each asks to be given on with copies of its code. */
function licences(files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
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
