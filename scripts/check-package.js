// Uses the built package as its users do: by its name in Node, bundled for a browser, and by its types. Run it after npm
// run build.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { edge, valley } from "lrfind";
import { suggestionTable } from "lrfind/cli";
import { imageDataLoadersFromIdx, readTable } from "lrfind/data";
import { Learner } from "lrfind/learner";
import { crossEntropy, flatten, linear, sequential } from "lrfind/nn";
import { GraphBuilder, tensor } from "lrfind/onnx";
import { toPng, toSvg } from "lrfind/plot";
import { createSession } from "lrfind/runtime";

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

const rooms = ["data", "learner", "nn", "onnx", "plot", "runtime"];
await build({
  stdin: {
    contents: rooms.map((room) => `export * from "lrfind/${room}";`).join("\n"),
    resolveDir: ".",
  },
  bundle: true,
  write: false,
  format: "esm",
  platform: "browser",
  external: ["onnxruntime-web"],
  logLevel: "error",
});

// The types name nothing that `npm install lrfind` does not bring: neither packages that only this repository installs,
// nor optional ones, nor Node's own modules.
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
for (const file of readdirSync("dist", { recursive: true, encoding: "utf8" })) {
  if (!file.endsWith(".d.ts")) continue;
  const code = readFileSync(`dist/${file}`, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  for (const [, name = ""] of code.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)) {
    if (name.startsWith(".")) continue;
    const pack = name.split("/", name.startsWith("@") ? 2 : 1).join("/");
    assert.ok(Object.hasOwn(dependencies, pack), `dist/${file} names "${name}", which is no dependency`);
  }
  assert.ok(!/\bNodeJS\.|\bBuffer\b|\/\/\/ *<reference/.test(code), `dist/${file} needs the types of Node`);
}

// A strict project checks them whole, with the libraries that the README names.
const folder = mkdtempSync(".check-types-");
try {
  const all = [...rooms, "cli"].map((room) => `export * as ${room} from "lrfind/${room}";`);
  writeFileSync(`${folder}/index.ts`, ['export * as finder from "lrfind";', ...all].join("\n"));
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
console.log("the built package works, in Node, bundled for a browser, and by its types");
