import { describe, expect, test } from "vitest";
import {
  buildEvaluationGraph,
  buildTrainingGraph,
  crossEntropy,
  modelOf,
  resnet,
  resnet18,
  resnet34,
  sgd,
} from "../../src/nn/index.js";
import { sizeOf } from "../../src/onnx/index.js";
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
