import type { Model } from "../../../../engine/src/nn/index.js";
import { buildTrainingGraph, crossEntropy, initialTensors } from "../../../../engine/src/nn/index.js";
import type { Tensor } from "../../../../engine/src/onnx/index.js";
import { sizeOf, tensor } from "../../../../engine/src/onnx/index.js";
import { createSession } from "../../../../engine/src/runtime/index.js";
import type { Batch } from "../../../src/data/index.js";

/** What plain SGD made of a model on one mini-batch. */
export interface Steps {
  /** Of each step, before its update. */
  readonly losses: readonly number[];
  /** Of the first step, by the parameters' names. */
  readonly gradients: ReadonlyMap<string, Tensor>;
  /** Parameters and buffers after the last step, by name. */
  readonly after: ReadonlyMap<string, Tensor>;
}

/** Trains a model from its initial weights, without dropout: masks are all one. */
export async function steps(model: Model, batch: Batch, count: number, lr: number): Promise<Steps> {
  await model.prepare?.(batch.inputs);
  const training = buildTrainingGraph({
    model,
    inputs: batch.inputs,
    targets: batch.targets,
    lossFunc: crossEntropy(),
    groups: [{ name: "all", parameters: model.parameters.map((p) => p.name) }],
    optimizer: {
      name: "sgd",
      defaults: { mom: 0, wd: 0 } as never,
      slots: ["gradient"],
      scalars: () => ({}),
      update: ({ g, parameter, gradient, lr: rate }) => ({
        parameter: g.sub(parameter, g.mul(gradient, rate)),
        slots: { gradient },
      }),
    },
  });
  await using session = await createSession(training.graph, { threads: 1 });
  const { parameters, buffers } = initialTensors(model, 0);
  const state = new Map<string, Tensor>();
  for (const [name, contents] of parameters) state.set(`param:${name}`, contents);
  for (const [name, contents] of buffers) state.set(`buffer:${name}`, contents);
  const fixed = new Map<string, Tensor>([["lr:0", tensor("float32", [], [lr])]]);
  batch.inputs.forEach((input, i) => {
    fixed.set(`input:${i}`, input);
  });
  batch.targets.forEach((target, i) => {
    fixed.set(`target:${i}`, target);
  });
  for (const { name, shape } of training.masks) {
    fixed.set(name, tensor("float32", shape, new Float32Array(sizeOf(shape)).fill(1)));
  }
  const losses: number[] = [];
  const gradients = new Map<string, Tensor>();
  for (let step = 0; step < count; step++) {
    const feeds: Record<string, Tensor> = {};
    for (const { name } of training.graph.inputs) {
      const feed = fixed.get(name) ?? state.get(name);
      if (feed) feeds[name] = feed;
    }
    const results = await session.run(feeds);
    losses.push(results["loss"]!.data[0] as number);
    for (const [name, result] of Object.entries(results)) {
      const gradient = name.match(/^next:slot:gradient:(.*)$/)?.[1];
      if (gradient !== undefined) {
        if (step === 0) gradients.set(gradient, result);
      } else if (name.startsWith("next:")) {
        state.set(name.slice("next:".length), result);
      }
    }
  }
  const after = new Map(
    [...state].map(([name, contents]) => [name.replace(/^(param|buffer):/, ""), contents]),
  );
  return { losses, gradients, after };
}
