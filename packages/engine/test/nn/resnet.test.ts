import { describe, expect, test } from "vitest";
import {
  buildEvaluationGraph,
  buildTrainingGraph,
  crossEntropy,
  initialTensors,
  modelOf,
  resnet,
  resnet18,
  resnet34,
  sgd,
} from "../../src/nn/index.js";
import type { Tensor } from "../../src/onnx/index.js";
import { sizeOf } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";
import { relativeError, values } from "../onnx/numeric.js";
import { nnFixture } from "./torch-fixture.js";

const count = (layer: ReturnType<typeof resnet>) =>
  modelOf(layer).parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

describe("resnet", () => {
  test("has torchvision's parameters, by name and shape", () => {
    const { parameters } = modelOf(resnet18({ numClasses: 7 }));
    const ours = parameters.map(({ name, shape }) => [name, [...shape]]);
    expect(new Map(ours as [string, number[]][])).toEqual(
      new Map(nnFixture.models["resnet18"]!.map(([name, shape]) => [name, [...shape]])),
    );
  });

  test("has as many parameters as the paper's networks", () => {
    // torchvision 0.14: sum of p.numel() for resnet18, resnet34 and resnet50.
    expect(count(resnet18())).toBe(11_689_512);
    expect(count(resnet34())).toBe(21_797_672);
    expect(count(resnet({ block: "bottleneck", layers: [3, 4, 6, 3] }))).toBe(25_557_032);
  });

  test("predicts the same of images in a batch, which is folded, and one at a time, which are not", async () => {
    const model = modelOf(resnet({ stem: "small", width: 16, numClasses: 5, layers: [1, 1, 1, 1] }));
    const images = values([8, 3, 32, 32]);
    const { parameters, buffers } = initialTensors(model, 1);
    const predict = async (image: Tensor<"float32">) => {
      const { graph } = buildEvaluationGraph({ model, inputs: [image] });
      const feeds: Record<string, Tensor> = { "input:0": image };
      for (const [name, value] of parameters) feeds[`param:${name}`] = value;
      for (const [name, value] of buffers) feeds[`buffer:${name}`] = value;
      await using session = await createSession(graph, { threads: 1 });
      return {
        prediction: (await session.run(feeds))["prediction"]!.data as Float32Array,
        isFolded: graph.nodes.some(({ name }) => name.includes("Windows")),
      };
    };
    const together = await predict(images);
    expect(together.isFolded).toBe(true);
    const size = images.data.length / 8;
    for (let i = 0; i < 8; i++) {
      const data = images.data.slice(i * size, (i + 1) * size);
      const alone = await predict({ dtype: "float32", shape: [1, 3, 32, 32], data });
      expect(alone.isFolded).toBe(false);
      // Float32 sums in another order.
      const row = together.prediction.subarray(5 * i, 5 * i + 5);
      expect(relativeError(alone.prediction, row)).toBeLessThan(1e-5);
    }
  });

  test("is not folded for WebAssembly and WebGPU", () => {
    const model = modelOf(resnet({ stem: "small", width: 16, layers: [1, 1, 1, 1] }));
    const inputs = [{ dtype: "float32", shape: [8, 3, 32, 32] }] as const;
    for (const target of ["cpu", "wasm", "webgpu"] as const) {
      const { nodes } = buildEvaluationGraph({ model, inputs, target }).graph;
      expect(
        nodes.some(({ name }) => name.includes("Windows")),
        target,
      ).toBe(target === "cpu");
    }
  });

  test.each(["standard", "deep", "small"] as const)("with a %s stem goes from images to logits", (stem) => {
    const model = modelOf(resnet({ stem, width: 4, inChannels: 1, numClasses: 5, layers: [1, 1, 1, 1] }));
    const inputs = [{ dtype: "float32", shape: [2, 1, 32, 32] }] as const;
    expect(buildEvaluationGraph({ model, inputs }).predictionShape).toEqual([2, 5]);
    const training = buildTrainingGraph({
      model,
      inputs,
      lossFunc: crossEntropy(),
      optimizer: sgd(),
      targets: [{ dtype: "int32", shape: [2] }],
      groups: [{ name: "all", parameters: model.parameters.map(({ name }) => name) }],
    });
    expect(training.trained).toHaveLength(model.parameters.length);
    expect(training.updatedBuffers).toHaveLength(model.buffers.length);
  });
});
