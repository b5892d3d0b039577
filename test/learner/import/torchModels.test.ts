import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportModel, loadModel } from "../../../src/learner/import/index.js";
import { initialState } from "../../../src/learner/state.js";
import { StepRunner } from "../../../src/learner/step-runner.js";
import type { Model } from "../../../src/nn/index.js";
import { crossEntropy, sgd } from "../../../src/nn/index.js";
import { buildTrainingGraph } from "../../../src/nn/training-graph.js";
import type { Tensor } from "../../../src/onnx/index.js";
import { tensor } from "../../../src/onnx/index.js";
import { createRawSession, createSession } from "../../../src/runtime/index.js";
import { relativeError } from "../../onnx/numeric.js";
import { hasTorch, readTensors, torchModels } from "./torchReference.js";

const names = ["mlp", "smallconv", "squeezenet", "mobilenetv2", "resnet18", "vit", "transformer", "lstm"];

/**
 * Both sides compute in float32, in another order. A chain of batch-norms over few values (batch 4, 2x2 pixels in the
 * last layers) magnifies rounding, so single gradients are compared to 1e-3 of the tensor's largest element.
 */
const TOLERANCE = 1e-3;

const torch = hasTorch();
if (!torch) console.warn("torchModels.test.ts: skipped, for /usr/bin/python3 has no torch and torchvision");

describe.skipIf(!torch).each(names)("%s exported by PyTorch", (name) => {
  const load = () => {
    const folder = torchModels(name);
    return {
      folder,
      bytes: readFileSync(join(folder, `${name}.onnx`)),
      reference: readTensors(join(folder, `${name}.safetensors`)),
    };
  };
  const batchOf = (reference: ReadonlyMap<string, Tensor>) => {
    const target = reference.get("target")!;
    const targets = [tensor("int32", target.shape, Array.from(target.data as BigInt64Array, Number))];
    return { inputs: [reference.get("input")!], targets, size: target.shape[0]! };
  };

  test("has PyTorch's loss and gradients", { timeout: 120_000 }, async () => {
    const { bytes, reference } = load();
    const model = await loadModel(bytes, { file: `${name}.onnx` });
    const { inputs, targets } = batchOf(reference);
    await model.prepare(inputs);
    const training = buildTrainingGraph({
      model,
      inputs,
      targets,
      lossFunc: crossEntropy(),
      groups: [{ name: "all", parameters: model.parameters.map((p) => p.name) }],
      optimizer: {
        name: "gradient",
        defaults: { mom: 0, wd: 0 } as never,
        slots: [],
        scalars: () => ({}),
        update: ({ gradient }) => ({ parameter: gradient, slots: {} }),
      },
    });
    await using session = await createSession(training.graph, { threads: 1 });
    const state = initialState(model, 0);
    const feeds: Record<string, Tensor> = {
      "input:0": inputs[0]!,
      "target:0": targets[0]!,
      "lr:0": tensor("float32", [], [0]),
    };
    for (const input of training.graph.inputs) {
      if (state.tensors[input.name]) feeds[input.name] = state.tensors[input.name]!;
    }
    // The reference was made without dropout.
    for (const { name: mask, shape } of training.masks) {
      feeds[mask] = tensor("float32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1));
    }
    const results = await session.run(feeds);
    const loss = reference.get("loss")!.data[0] as number;
    expect(Math.abs((results.loss!.data[0] as number) - loss) / loss, "loss").toBeLessThan(1e-4);
    const expected = [...reference.keys()].filter((key) => key.startsWith("grad/"));
    expect(model.parameters.map((p) => `grad/${p.name}`).sort()).toEqual(expected.sort());
    const scale = Math.max(...expected.map((key) => largest(reference.get(key)!)));
    for (const key of expected) {
      const want = reference.get(key)!;
      const got = results[`next:param:${key.slice("grad/".length)}`]!;
      // Some gradients are zero but for rounding (a bias before a batch-norm): below 1e-6 of the largest, nothing counts.
      const error = relativeError(got.data as Float32Array, want.data as Float32Array);
      const negligible = largest(want) < 1e-6 * scale && largest(got) < 1e-5 * scale;
      expect(negligible ? 0 : error, key).toBeLessThan(TOLERANCE);
    }
  });

  test("has PyTorch's weights after five steps", { timeout: 120_000 }, async () => {
    const { bytes, reference } = load();
    const model = await loadModel(bytes, { file: `${name}.onnx` });
    const batch = batchOf(reference);
    const groups = [{ name: "all", parameters: model.parameters.map((p) => p.name) }];
    await using runner = new StepRunner({
      model: withoutDropout(model),
      lossFunc: crossEntropy(),
      optimizer: sgd({ mom: 0 }),
      groups,
      runtime: { threads: 1 },
    });
    let state = initialState(model, 0);
    const losses: number[] = [];
    for (let step = 0; step < 5; step++) {
      const result = await runner.step(state, batch, {
        lrs: [0.01],
        hyper: { mom: 0, wd: 0 } as never,
        trained: new Set(groups[0]!.parameters),
        seed: 0,
      });
      state = result.state;
      losses.push(result.loss);
    }
    expect(relativeError(losses, reference.get("losses")!.data as Float32Array), "losses").toBeLessThan(
      TOLERANCE,
    );
    for (const [key, want] of reference) {
      if (!key.startsWith("after/")) continue;
      const at = key.slice("after/".length);
      const got = state.tensors[`param:${at}`] ?? state.tensors[`buffer:${at}`];
      expect(relativeError(got!.data as Float32Array, want.data as Float32Array), key).toBeLessThan(
        TOLERANCE,
      );
    }
  });

  test("is written back as an inference model with the same outputs, for any batch size", async () => {
    const { bytes, reference } = load();
    const model = await loadModel(bytes, { file: `${name}.onnx` });
    const { model: written, batchSize } = await exportModel(model);
    expect(batchSize).toBe("any");
    await using session = await createRawSession(written);
    const input = reference.get("input")!;
    const want = reference.get("inference")!.data as Float32Array;
    const { output } = await session.run({ input });
    expect(relativeError(output!.data as Float32Array, want)).toBeLessThan(1e-4);
    // One item alone, a batch size that the export did not see.
    const size = input.data.length / input.shape[0]!;
    const one = { ...input, shape: [1, ...input.shape.slice(1)], data: input.data.slice(0, size) } as Tensor;
    const single = await session.run({ input: one });
    expect(single.output!.shape).toEqual([1, 10]);
    expect(relativeError(single.output!.data as Float32Array, want.subarray(0, 10))).toBeLessThan(1e-4);
  });
});

/** The reference was made without dropout. */
function withoutDropout(model: Model): Model {
  return {
    parameters: model.parameters,
    buffers: model.buffers,
    prepare: async (inputs) => model.prepare?.(inputs),
    forward: (context, inputs) => model.forward({ ...context, dropout: (x) => x }, inputs),
  };
}

function largest({ data }: Tensor): number {
  let value = 0;
  for (const v of data as Float32Array) value = Math.max(value, Math.abs(v));
  return value;
}
