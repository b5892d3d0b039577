import { describe, expect, test } from "vitest";
import { crossEntropy, flatten, linear, mse, sequential, sigmoid } from "../../../../engine/src/nn/index.js";
import { normal } from "../../../../engine/src/random/index.js";
import { flip, imageDataLoadersFromArrays } from "../../../src/data/index.js";
import { Learner, LearnerError } from "../../../src/learner/index.js";
import { cornerLearner } from "../toy.js";

const count = 24;
const pixels = Float32Array.from(
  { length: 16 * count },
  (_, i) => Math.abs(normal({ seed: 3, stream: "px" }, i)) % 1,
);

async function learnerOf(parts: { readonly augmented: boolean; readonly lossFunc?: ReturnType<typeof mse> }) {
  const dls = await imageDataLoadersFromArrays({
    images: pixels,
    shape: [1, 4, 4],
    labels: Array.from({ length: count }, (_, i) => i % 2),
    classes: ["a", "b"],
    batchSize: 5,
    validPct: 0.5,
    ...(parts.augmented ? { augment: [flip({ p: 0.5 })] } : {}),
  });
  const ends = parts.lossFunc ? [linear(16, 1), sigmoid()] : [linear(16, 2)];
  return new Learner({
    dls,
    model: sequential(flatten(), ...ends),
    lossFunc: parts.lossFunc ?? crossEntropy(),
    runtime: { threads: 1 },
  });
}

const softmax = (row: readonly number[]) => {
  const weights = row.map(Math.exp);
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
};

/** Softmax of the outputs for all items of the validation set, augmented as in an epoch of training, or not. */
async function probabilities(learn: Learner, epoch?: number): Promise<number[]> {
  const loader = learn.dls.valid!.inOrder().with({ training: epoch !== undefined });
  const rows: number[] = [];
  const { "param:1.weight": weight, "param:1.bias": bias } = learn.state.tensors;
  for await (const { inputs, size } of loader.epoch(epoch ?? 0)) {
    for (let i = 0; i < size; i++) {
      const x = inputs[0]!.data.slice(16 * i, 16 * (i + 1)) as Float32Array;
      const output = [0, 1].map((k) =>
        x.reduce((sum, value, j) => sum + value * weight!.data[16 * k + j]!, bias!.data[k]!),
      );
      rows.push(...softmax(output));
    }
  }
  return rows;
}

describe("tta", () => {
  test.each([
    [undefined, undefined],
    [1, 0],
    [3, 0.5],
    [2, 1],
  ])(
    "is (1 − β) times the mean over n augmentations, plus β times the plain: n %s, β %s",
    async (n, beta) => {
      await using learn = await learnerOf({ augmented: true });
      const options = { ...(n === undefined ? {} : { n }), ...(beta === undefined ? {} : { beta }) };
      const { predictions, targets, rows, ending } = await learn.tta(options);
      const plain = await learn.getPreds();
      expect(targets).toEqual(plain.targets);
      expect(rows).toEqual(plain.rows);
      expect(ending).toBe("softmax");
      const [times, share] = [n ?? 4, beta ?? 0.25];
      const parts = await Promise.all(
        Array.from({ length: times }, (_, epoch) => probabilities(learn, epoch)),
      );
      const alone = await probabilities(learn);
      for (const [i, value] of predictions.data.entries()) {
        const mean = parts.reduce((sum, part) => sum + part[i]!, 0) / times;
        expect(value).toBeCloseTo((1 - share) * mean + share * alone[i]!, 5);
      }
      if (share < 1) expect(Array.from(predictions.data, Number)).not.toEqual(alone.map(Math.fround));
    },
  );

  test("without augmentations is getPreds, as probabilities; learning nothing", async () => {
    await using learn = cornerLearner();
    const before = learn.state;
    const [{ predictions }, plain] = [await learn.tta(), await learn.getPreds()];
    for (let i = 0; i < predictions.shape[0]!; i++) {
      const row = softmax(Array.from(plain.predictions.data.slice(3 * i, 3 * i + 3), Number));
      for (const [k, p] of row.entries()) expect(predictions.data[3 * i + k]).toBeCloseTo(p, 6);
    }
    expect(learn.state).toBe(before);
  });

  test("of a model that ends in probabilities averages these", async () => {
    await using learn = await learnerOf({ augmented: false, lossFunc: mse() });
    const [{ predictions, ending }, plain] = [await learn.tta({ n: 2 }), await learn.getPreds()];
    expect(ending).toBe(plain.ending);
    for (const [i, p] of plain.predictions.data.entries())
      expect(predictions.data[i]).toBeCloseTo(Number(p), 6);
  });

  test.each([{ n: 0 }, { n: 1.5 }, { beta: -0.1 }, { beta: 2 }, { times: 4 }, null])(
    "refuses %j",
    async (options) => {
      await using learn = cornerLearner();
      await expect(learn.tta(options as never)).rejects.toThrow(LearnerError);
    },
  );
});
