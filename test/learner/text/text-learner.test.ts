import { describe, expect, test } from "vitest";
import { PAD_INDEX } from "../../../src/data/index.js";
import type { TextLearnerOptions } from "../../../src/learner/index.js";
import {
  bagClassifier,
  lstmClassifier,
  textLearner,
  transformerClassifier,
} from "../../../src/learner/index.js";
import { concatPool } from "../../../src/learner/text/pooling.js";
import type { Layer } from "../../../src/nn/index.js";
import { initialTensors, modelOf } from "../../../src/nn/index.js";
import { GraphBuilder, tensor } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";
import { runLayer } from "../../nn/run-layer.js";
import { answers, runtime } from "../ready-learners.js";

const archs: readonly TextLearnerOptions[] = [
  { arch: "bag", embSize: 8 },
  { arch: "lstm", embSize: 8, hidden: 8 },
  { arch: "transformer", dModel: 16, heads: 2, numLayers: 1 },
];

describe("textLearner", () => {
  test.each(archs)("learns: $arch", async (options) => {
    const dls = await answers();
    await using learner = textLearner(dls, { ...options, runtime });
    expect((await learner.getPreds()).predictions.shape).toEqual([32, 2]);
    const records = await learner.fitOneCycle(12, { lrMax: 0.03 });
    expect(records.at(-1)!.metrics["accuracy"]).toBeGreaterThan(0.9);
    expect((await learner.predict("la la no la")).label).toBe("no");
  });

  test("has the groups embeddings, encoder and head", async () => {
    const dls = await answers();
    const groups = archs.map((options) => textLearner(dls, options).paramGroups);
    const all = ["embeddings", "encoder", "head"];
    expect(groups).toEqual([["embeddings", "head"], all, all]);
  });

  test("refuses another arch", async () => {
    const dls = await answers();
    expect(() => textLearner(dls, { arch: "gru" } as never)).toThrow(
      'textLearner arch: expected "bag", "lstm" or "transformer", got "gru"',
    );
  });
});

/** Logits of texts, evaluated. */
async function logits(layer: Layer, rows: readonly (readonly number[])[]): Promise<number[]> {
  const { parameters } = initialTensors(modelOf(layer), 3);
  const input = tensor("int32", [rows.length, rows[0]!.length], rows.flat());
  const { y } = await runLayer(layer, [input], Object.fromEntries(parameters), { training: false });
  return Array.from(y.data, Number);
}

describe("padding", () => {
  const sizes = { tokens: 9, padIndex: PAD_INDEX, maxLength: 6, outputs: 2 };
  const text = [2, 5, 8];
  const pad = [PAD_INDEX, PAD_INDEX, PAD_INDEX];
  const layers: readonly (readonly [string, Layer, boolean])[] = [
    ["bag", bagClassifier(sizes), true],
    ["transformer", transformerClassifier(sizes, { dModel: 8, heads: 2 }), true],
    // What comes before a text changes the state that an LSTM reads it with.
    ["LSTM", lstmClassifier(sizes, { embSize: 4, hidden: 4 }), false],
  ];

  test.each(layers)("does not change what a model makes of a text: %s", async (_, layer, anywhere) => {
    const plain = await logits(layer, [text]);
    const places = anywhere
      ? [
          [...pad, ...text],
          [...text, ...pad],
        ]
      : [[...text, ...pad]];
    for (const row of places) {
      const padded = await logits(layer, [row]);
      // Sums over more terms, which are 0, may round otherwise.
      padded.forEach((value, i) => {
        expect(value).toBeCloseTo(plain[i]!, 5);
      });
    }
  });

  test("a bag is the mean of its tokens' vectors and a linear layer", async () => {
    const layer = bagClassifier(sizes, { embSize: 4 });
    const { parameters } = initialTensors(modelOf(layer), 3);
    const table = parameters.get("embed.weight")!.data;
    const mean = Array.from({ length: 4 }, (_, k) => (table[2 * 4 + k]! + table[5 * 4 + k]!) / 2);
    const [weight, bias] = [parameters.get("head.weight")!.data, parameters.get("head.bias")!.data];
    const expected = [0, 1].map((o) => mean.reduce((sum, m, k) => sum + m * weight[o * 4 + k]!, bias[o]!));
    (await logits(layer, [[PAD_INDEX, 2, PAD_INDEX, 5]])).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  test("the concat pool is last, maximum and mean of what is not padding", async () => {
    const g = new GraphBuilder();
    const states = g.input("states", "float32", [3, 3, 1]);
    const mask = g.input("mask", "float32", [3, 3]);
    await using session = await createSession(g.build({ y: concatPool(g, states, mask) }), { threads: 1 });
    const results = await session.run({
      states: tensor("float32", [3, 3, 1], [1, -4, -2, 1, -4, -2, 9, 9, 5]),
      mask: tensor("float32", [3, 3], [0, 1, 1, 1, 1, 0, 0, 0, 1]),
    });
    expect(Array.from(results["y"]!.data as Float32Array)).toEqual([-2, -2, -3, -4, 1, -1.5, 5, 5, 5]);
  });
});
