import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { GraphBuilder, type Target } from "../../../src/onnx/index.js";
import { PASSES, type Purpose, runPasses, type Stage } from "../../../src/onnx/internal.js";

const stages: readonly Stage[] = ["written", "forward", "backward", "step", "built"];

describe("the list of passes", () => {
  test("is in the order of the stages, and gives each a reason", () => {
    const order = PASSES.map(({ stage }) => stages.indexOf(stage));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    for (const { name, why } of PASSES) expect(why.length, name).toBeGreaterThan(60);
  });

  test("has every pass that there is: one for each file, and two for the folder of the batch's layout", () => {
    const folder = new URL("../../../src/onnx/passes/", import.meta.url);
    const entries = readdirSync(folder).map((entry) => entry.replace(".ts", ""));
    const names = PASSES.map(({ name }) => name).filter((name) => name !== "lower-folded");
    expect(entries.filter((entry) => entry !== "pipeline").sort()).toEqual(names.sort());
  });

  test("runs all but those that are the builder's own, which are of its own stages", () => {
    for (const { name, stage, run } of PASSES) {
      expect(run === undefined, name).toBe(stage === "written" || stage === "built");
    }
  });
});

/** Which kinds of nodes a graph of convolution, ReLU and pool has after a stage. */
function after(stage: Stage, asked: { readonly purpose: Purpose; readonly target: Target }): string[] {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [8, 1, 8, 8]);
  const w = g.input("w", "float32", [4, 1, 3, 3]);
  const y = g.op("MaxPool", [g.op("Relu", [g.op("Conv", [x, w])])], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  });
  runPasses(g, stage, asked);
  return g.build({ y }).nodes.map(({ opType, domain }) => (domain === "" ? opType : `${domain}.${opType}`));
}

describe("a stage", () => {
  test("runs what is for the graph's purpose and provider", () => {
    const webgpu = after("forward", { purpose: "training", target: "webgpu" });
    expect(webgpu).toEqual(["Conv", "MaxPool", "Relu"]);
    expect(after("forward", { purpose: "evaluation", target: "webgpu" })).toEqual([
      "Conv",
      "Relu",
      "MaxPool",
    ]);
    const cpu = after("forward", { purpose: "training", target: "cpu" });
    expect(cpu.some((op) => op.includes("."))).toBe(true);
    expect(cpu.lastIndexOf("Relu")).toBeGreaterThan(cpu.findIndex((op) => op.endsWith("FirstMax")));
  });

  test.each(["written", "step", "built"] as const)("of others leaves the graph as it is: %s", (stage) => {
    expect(after(stage, { purpose: "training", target: "cpu" })).toEqual(["Conv", "Relu", "MaxPool"]);
  });
});
