// Uses the built package as its users do: by its name in Node, and bundled for a browser. Run it after npm run build.
import assert from "node:assert/strict";
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
console.log("the built package works, in Node and bundled for a browser");
