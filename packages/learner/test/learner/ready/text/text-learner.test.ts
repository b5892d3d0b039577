import { describe, expect, test } from "vitest";
import type { Layer } from "../../../../../engine/src/nn/index.js";
import {
  embedding,
  gru,
  initialTensors,
  linear,
  modelOf,
  packPadded,
  sequential,
} from "../../../../../engine/src/nn/index.js";
import { GraphBuilder, tensor } from "../../../../../engine/src/onnx/index.js";
import { createSession } from "../../../../../engine/src/runtime/index.js";
import { runLayer } from "../../../../../engine/test/nn/run-layer.js";
import { PAD_INDEX } from "../../../../src/data/index.js";
import type { TextLearnerOptions } from "../../../../src/learner/index.js";
import {
  bagClassifier,
  lstmClassifier,
  textLearner,
  transformerClassifier,
} from "../../../../src/learner/index.js";
import { concatPool } from "../../../../src/learner/ready/text/pooling.js";
import { answers, runtime } from "../../ready-learners.js";

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
  const sizes = { tokens: 9, padIndex: PAD_INDEX, maxLength: 32, outputs: 2 };
  const text = [2, 5, 8];
  const layers: Readonly<Record<string, Layer>> = {
    bag: bagClassifier(sizes, { drop: 0 }),
    transformer: transformerClassifier(sizes, { dModel: 8, heads: 2, drop: 0 }),
    LSTM: lstmClassifier(sizes, { embSize: 4, hidden: 4, drop: 0 }),
    "deep LSTM in both directions": lstmClassifier(sizes, {
      embSize: 4,
      hidden: 3,
      numLayers: 2,
      bidirectional: true,
      drop: 0,
    }),
    "packed GRU": sequential(
      packPadded(
        embedding(9, 4, { paddingIdx: PAD_INDEX }),
        gru(4, 3, { numLayers: 2, bidirectional: true, output: "last" }),
        { paddingIdx: PAD_INDEX },
      ),
      linear(6, 2),
    ),
  };
  const pads = (count: number) => new Array<number>(count).fill(PAD_INDEX);
  const padAfter = (row: readonly number[], length: number) => [...row, ...pads(length - row.length)];
  const padBefore = (row: readonly number[], length: number) => [...pads(length - row.length), ...row];
  const padAmong = ([first, ...rest]: readonly number[], length: number) => [
    ...pads(2),
    ...(first === undefined ? [] : [first]),
    ...pads(length - 3 - rest.length + (first === undefined ? 1 : 0)),
    ...rest,
  ];

  describe.each(Object.keys(layers))("changes nothing, however much there is and wherever: %s", (name) => {
    const layer = layers[name]!;

    test("of what a model makes of a text, alone or beside longer ones", async () => {
      const plain = await logits(layer, [text]);
      const long = Array.from({ length: 20 }, (_, i) => 2 + (i % 7));
      for (const place of [padAfter, padBefore, padAmong]) {
        for (const length of [20, 200]) {
          const alone = await logits(layer, [place(text, length)]);
          const beside = await logits(layer, [
            place(long, Math.max(length, 23)),
            place(text, Math.max(length, 23)),
          ]);
          plain.forEach((value, i) => {
            expect(Math.abs(alone[i]! - value), `${place.name} ${length}`).toBeLessThan(1e-6);
            expect(Math.abs(beside[2 + i]! - value), `${place.name} ${length} in a batch`).toBeLessThan(1e-6);
          });
        }
      }
    });

    test("of the gradients", async () => {
      const rows = [text, [3, 6, 2], [7, 7, 4]];
      const { parameters } = initialTensors(modelOf(layer), 3);
      const gradients = async (padded: readonly (readonly number[])[]) => {
        const input = tensor("int32", [padded.length, padded[0]!.length], padded.flat());
        return (await runLayer(layer, [input], Object.fromEntries(parameters))).gradients;
      };
      const plain = await gradients(rows);
      for (const place of [padAfter, padBefore, padAmong]) {
        const padded = await gradients(rows.map((row) => place(row, 20)));
        for (const [parameter, { data }] of Object.entries(plain)) {
          const got = padded[parameter]!.data as Float32Array;
          const largest = Math.max(1, ...Array.from(data as Float32Array, Math.abs));
          (data as Float32Array).forEach((value, i) => {
            // Sums over more terms, which are 0, may round otherwise.
            expect(Math.abs(got[i]! - value) / largest, `${place.name}: ${parameter}`).toBeLessThan(1e-5);
          });
        }
      }
    });

    test("and a text of nothing else is finite, in training too, and changes no other", async () => {
      const plain = await logits(layer, [text]);
      const empty = await logits(layer, [pads(6)]);
      expect(empty.every((value) => Math.abs(value) < 100)).toBe(true);
      const beside = await logits(layer, [pads(6), padAfter(text, 6)]);
      expect(beside.slice(0, 2)).toEqual(empty.map((value) => expect.closeTo(value, 5)));
      expect(beside.slice(2)).toEqual(plain.map((value) => expect.closeTo(value, 5)));
      const { parameters } = initialTensors(modelOf(layer), 3);
      const input = tensor("int32", [2, 6], [...pads(6), ...padAfter(text, 6)]);
      const { gradients } = await runLayer(layer, [input], Object.fromEntries(parameters));
      for (const { data } of Object.values(gradients)) {
        expect((data as Float32Array).every(Number.isFinite)).toBe(true);
      }
    });
  });

  test("before or after the texts gives the same training", async () => {
    const trained = async (padFirst: boolean) => {
      const dls = await answers({ padFirst });
      await using learner = textLearner(dls, { arch: "lstm", embSize: 4, hidden: 4, drop: 0, runtime });
      const records = await learner.fit(1, { lr: 0.01 });
      return [records[0]!.trainLoss, records[0]!.validLoss!];
    };
    const [first, last] = [await trained(true), await trained(false)];
    first.forEach((loss, i) => {
      expect(loss).toBeCloseTo(last[i]!, 5);
    });
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
