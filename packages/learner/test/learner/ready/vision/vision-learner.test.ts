import { describe, expect, test } from "vitest";
import type { Layer } from "../../../../../engine/src/nn/index.js";
import {
  conv2d,
  flatten,
  linear,
  modelOf,
  relu,
  resnet18,
  sequential,
  smallCnn,
  xresnet18,
} from "../../../../../engine/src/nn/index.js";
import type { Learner } from "../../../../src/learner/index.js";
import { createHead, exportModel, LearnerError, visionLearner } from "../../../../src/learner/index.js";
import { halves, runtime } from "../../ready-learners.js";
import { cornerLoaders } from "../../toy.js";

const shapesOf = (layer: Layer) =>
  Object.fromEntries(modelOf(layer).parameters.map(({ name, shape }) => [name, shape]));

const small = (options: { inChannels: number }) => smallCnn({ ...options, channels: [4, 8] });

/** The parameters' names by their group, without the last part. */
function layersByGroup(learner: Learner): Record<string, string[]> {
  const groups = learner.model.paramGroups ?? [];
  return Object.fromEntries(
    groups.map(({ name, parameters }) => [
      name,
      [...new Set(parameters.map((parameter) => parameter.split(".").slice(0, 2).join(".")))],
    ]),
  );
}

describe("createHead", () => {
  // As fastai defines create_head(512, 37): pooled features double, and layers after batch-norm have no bias.
  test("is batch-norm, dropout and a linear layer without bias, twice, after a concat pool", () => {
    expect(shapesOf(createHead(512, 37))).toEqual({
      "2.0.weight": [1024],
      "2.0.bias": [1024],
      "2.2.weight": [512, 1024],
      "3.0.weight": [512],
      "3.0.bias": [512],
      "3.2.weight": [37, 512],
    });
  });

  test("can be a pooled linear layer", () => {
    const head = createHead(64, 10, { pool: "avg", linFtrs: [], ps: 0, bn: false });
    expect(shapesOf(head)).toEqual({ "2.weight": [10, 64], "2.bias": [10] });
  });

  test("halves dropout before all layers but the last, and takes one for each", () => {
    const kinds = (head: Layer) =>
      Object.values(head.children ?? {}).map((block) => Object.values(block.children ?? {}).length);
    expect(kinds(createHead(8, 2, { ps: [0, 0.5] }))).toEqual([0, 0, 3, 3]);
    expect(() => createHead(8, 2, { ps: [0.5] })).toThrow(
      "createHead ps: expected 2 dropout probabilities, one per linear layer, got 1",
    );
  });
});

describe("visionLearner", () => {
  test("learns", async () => {
    await using learner = await visionLearner(halves({ augmented: true }), small, {
      head: { linFtrs: [16] },
      runtime,
    });
    const records = await learner.fitOneCycle(6, { lrMax: 0.02 });
    expect(records.at(-1)!.metrics["accuracy"]).toBeGreaterThan(0.9);
  });

  test("puts out a logit per class", async () => {
    await using learner = await visionLearner(cornerLoaders(), small, { runtime });
    expect((await learner.getPreds()).predictions.shape).toEqual([24, 3]);
    expect(learner.paramGroups).toEqual(["body", "head"]);
  });

  test("cuts residual networks before their pool, into fastai's groups", async () => {
    const narrow = await visionLearner(halves(), (o) => resnet18({ ...o, width: 2, stem: "small" }));
    expect(layersByGroup(narrow)).toEqual({
      body: ["body.conv1", "body.bn1", "body.layer1", "body.layer2"],
      "late body": ["body.layer3", "body.layer4"],
      head: ["head.2", "head.3"],
    });
    const deep = await visionLearner(halves(), (o) => xresnet18({ ...o, width: 2 }));
    expect(layersByGroup(deep)).toEqual({
      body: ["body.stem"],
      "late body": ["body.layer1", "body.layer2", "body.layer3", "body.layer4"],
      head: ["head.2", "head.3"],
    });
  });

  test("takes a cut and a head of the user's", async () => {
    const head = sequential(flatten(), linear(4 * 6 * 6, 2));
    await using learner = await visionLearner(halves(), small, { cut: 1, head, runtime });
    expect(learner.model.parameters.map(({ name }) => name)).toEqual([
      "body.0.0.weight",
      "body.0.1.weight",
      "body.0.1.bias",
      "head.1.weight",
      "head.1.bias",
    ]);
    expect((await learner.fit(1, { lr: 1e-3 }))[0]!.trainLoss).toBeGreaterThan(0);
    await expect(visionLearner(halves(), small, { cut: 3 })).rejects.toThrow(
      "visionLearner cut: expected a number of children from 1 to 2, or the name of one but the first of 0, 1, got 3",
    );
  });

  test("takes a model whole", async () => {
    const model = modelOf(sequential(conv2d(1, 2, { padding: 1 }), relu(), flatten(), linear(288, 2)));
    await using learner = await visionLearner(halves(), model, { runtime });
    expect(learner.model).toBe(model);
    await expect(visionLearner(halves(), model, { cut: 1 })).rejects.toThrow(LearnerError);
  });

  test("puts a new head on an exported model, whose body starts with its weights", async () => {
    const labelled = cornerLoaders();
    await using trained = await visionLearner(labelled, small, { head: { linFtrs: [] }, runtime });
    await trained.fit(1, { lr: 0.01 });
    const inputs = [{ dtype: "float32", itemShape: [1, 8, 8] }] as const;
    const { model } = await exportModel(trained.model, trained.state, { inputs });
    await using tuned = await visionLearner(cornerLoaders({ count: 48 }), model, {
      head: { linFtrs: [] },
      runtime,
    });
    expect(tuned.paramGroups).toEqual(["body", "head"]);
    const weights = ({ state }: Learner) =>
      Object.values(state.tensors).find(({ shape }) => shape.join() === "4,1,3,3")!.data;
    expect(weights(tuned)).toEqual(weights(trained));
    tuned.freeze();
    await tuned.fit(1, { lr: 0.01 });
    expect(weights(tuned)).toEqual(weights(trained));
    tuned.unfreeze();
    await tuned.fit(1, { lr: 0.01 });
    expect(weights(tuned)).not.toEqual(weights(trained));
  });
});
