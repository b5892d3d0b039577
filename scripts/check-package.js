// Uses the built package as its users do: by its name in Node, bundled for a browser, and by its types. Run it after npm
// run build.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createSession, GraphBuilder, tensor } from "@lrfind/engine";
import {
  crossEntropy,
  flatten,
  imageDataLoadersFromIdx,
  Learner,
  linear,
  readTable,
  sequential,
} from "@lrfind/learner";
import { build } from "esbuild";
import { edge, valley } from "lrfind";
import { toPng, toSvg } from "lrfind/plot";
import { suggestionTable } from "lrfind/terminal";

const data = (/** @type {string} */ name) => new URL(`../examples/data/${name}`, import.meta.url);

const g = new GraphBuilder();
const doubling = g.build({ y: g.mul(g.input("x", "float32", [2]), 2) });
for (const worker of [false, true]) {
  const session = await createSession(doubling, { worker });
  const { y } = await session.run({ x: tensor("float32", [2], [1, 2]) });
  assert.deepEqual(y?.data, Float32Array.of(2, 4), `worker: ${worker}`);
  await session[Symbol.asyncDispose]();
}

assert.ok((await readTable(data("penguins.csv"))).length > 0);

const dls = await imageDataLoadersFromIdx({
  images: data("t10k-images-idx3-ubyte.gz"),
  labels: data("t10k-labels-idx1-ubyte.gz"),
});
const model = sequential(flatten(), linear(784, 10));
const learn = new Learner({ dls, model, lossFunc: crossEntropy() });
const suggestFuncs = [valley, edge];
const result = await learn.lrFind({ suggestFuncs });
await learn[Symbol.asyncDispose]();
assert.ok(suggestionTable(result.suggestions, suggestFuncs).includes("valley"));
assert.ok((await toSvg(result)).startsWith("<svg"));
assert.deepEqual((await toPng(result)).subarray(1, 4), Buffer.from("PNG"));

await build({
  stdin: {
    contents: ["lrfind", "lrfind/plot", "@lrfind/engine", "@lrfind/learner"]
      .map((name, i) => `export * as part${i} from "${name}";`)
      .join("\n"),
    resolveDir: ".",
  },
  bundle: true,
  write: false,
  format: "esm",
  platform: "browser",
  external: ["onnxruntime-web"],
  // What is built, not the sources that tsconfig.json leads to.
  tsconfigRaw: "{}",
  logLevel: "error",
});

// The types name nothing that installing a package does not bring: neither packages that only this repository installs,
// nor optional ones, nor Node's own modules.
const folders = ["packages/lrfind", "packages/engine", "packages/learner", "packages/sweep"];
const manifests = folders.map((folder) => JSON.parse(readFileSync(`${folder}/package.json`, "utf8")));
for (const [i, folder] of folders.entries()) {
  for (const path of readdirSync(`${folder}/dist`, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".d.ts")) continue;
    const file = `${folder}/dist/${path}`;
    const code = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    for (const [, name = ""] of code.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)) {
      if (name.startsWith(".")) continue;
      const pack = name.split("/", name.startsWith("@") ? 2 : 1).join("/");
      const { dependencies = {} } = manifests[i];
      assert.ok(Object.hasOwn(dependencies, pack), `${file} names "${name}", which is no dependency`);
    }
    assert.ok(!/\bNodeJS\.|\bBuffer\b|\/\/\/ *<reference/.test(code), `${file} needs the types of Node`);
  }
}

// What "lrfind" loads is its own: no dependency's code runs until a picture is drawn.
const loaded = new Set(["packages/lrfind/dist/finder/index.js"]);
for (const file of loaded) {
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(
    /(?:^|\n|;)(?:import|export)[^"'()]*["']([^"']+)["']/g,
  )) {
    assert.ok(name.startsWith("."), `${file} imports "${name}"`);
    loaded.add(join(dirname(file), name));
  }
}
assert.ok(loaded.size > 1, "the entry is made of chunks");

// A strict project checks them whole, with the libraries that the README names.
const folder = mkdtempSync(".check-types-");
try {
  const entries = manifests.flatMap(({ name, exports }) =>
    Object.entries(exports).flatMap(([path, entry]) => (entry.types ? path.replace(".", name) : [])),
  );
  const all = entries.map((entry, i) => `export * as part${i} from "${entry}";`);
  writeFileSync(`${folder}/index.ts`, all.join("\n"));
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["es2022", "esnext.disposable", "dom"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ["index.ts"] }));
    const { stdout } = spawnSync("npx", ["tsc", "-p", folder], { encoding: "utf8" });
    assert.equal(stdout, "", `module ${module}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

// What the two linters of published packages find, but for what only CommonJS and Node 10 would miss.
for (const folder of folders) {
  const linters = [
    ["publint", "run", folder, "--strict", "--level", "warning"],
    [
      "attw",
      "--pack",
      folder,
      "--profile",
      "esm-only",
      "--no-emoji",
      "--exclude-entrypoints",
      "./examples/*",
    ],
  ];
  for (const [linter = "", ...args] of linters) {
    const { status, stdout, stderr } = spawnSync(join("node_modules/.bin", linter), args, {
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    assert.equal(status, 0, `${linter} ${folder}: ${stdout}${stderr}`);
  }
}
console.log("the built packages work, in Node, bundled for a browser, and by its types");
