import { describe, expect, test } from "vitest";
import { type Tensor, tensor } from "../../../engine/src/onnx/index.js";
import { LearnerError } from "../../src/learner/index.js";
import { LoadedLearner } from "../../src/learner/use/load-learner.js";

/** A model of two inputs, [N, 2] and [N], that gives their sums [N, 2], and says what runs through it. */
function fake(batchSize?: number, vocab?: readonly string[]) {
  const runs: { a: Tensor; b: Tensor }[] = [];
  let disposed = 0;
  let onRun = async () => {};
  const session = {
    inputNames: ["a", "b"],
    outputNames: ["y", "other"],
    async run(feeds: Record<string, Tensor>) {
      const { a, b } = feeds as { a: Tensor; b: Tensor };
      runs.push({ a, b });
      await onRun();
      const sums = Array.from(a.data as Float32Array, (x, i) => x + (b.data[i >> 1] as number));
      return { other: tensor("float32", [1], [0]), y: tensor("float32", a.shape, sums) };
    },
    async [Symbol.asyncDispose]() {
      disposed++;
    },
  };
  const processor = {
    kind: "fake",
    async process(item: number) {
      if (item < 0) throw new Error(`no item ${item}`);
      return [tensor("float32", [1, 2], [item, -item]), tensor("float32", [1], [100])];
    },
    toJSON: () => ({}),
  };
  const learner = new LoadedLearner<number>({
    processor: processor as never,
    vocab,
    meaning: { kind: vocab ? "labels" : "numbers", activation: "none" },
    session: session as never,
    batchSize,
  });
  return {
    learner,
    runs,
    disposed: () => disposed,
    whileRunning: (act: () => Promise<void>) => {
      onRun = act;
    },
  };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const sizes = (runs: readonly { a: Tensor }[]) => runs.map(({ a }) => a.shape[0]);

describe("a loaded learner", () => {
  test.each([
    [undefined, 0, []],
    [undefined, 1, [1]],
    [undefined, 64, [64]],
    [undefined, 65, [64, 1]],
    [undefined, 130, [64, 64, 2]],
    [4, 4, [4]],
    [4, 6, [4, 4]],
    [1, 3, [1, 1, 1]],
  ])("of batch size %s runs %d items in batches of %j", async (batchSize, count, expected) => {
    const { learner, runs } = fake(batchSize);
    const predictions = await learner.predict(range(count));
    expect(sizes(runs)).toEqual(expected);
    expect(predictions.map(({ numbers }) => numbers)).toEqual(range(count).map((i) => [100 + i, 100 - i]));
    for (const { output } of predictions) expect(output.shape).toEqual([2]);
  });

  test("fills a fixed batch with its last item", async () => {
    const { learner, runs } = fake(4);
    await learner.predict([7, 8]);
    expect(Array.from(runs[0]!.a.data as Float32Array)).toEqual([7, -7, 8, -8, 8, -8, 8, -8]);
    expect(runs[0]!.b).toEqual(tensor("float32", [4], [100, 100, 100, 100]));
  });

  test("takes one item for one prediction, and the threshold for all", async () => {
    const { learner } = fake(undefined, ["a", "b"]);
    expect(await learner.predict(3)).toMatchObject({ labels: ["a", "b"] });
    expect(await learner.predict(99.5)).toMatchObject({ labels: ["a"], indices: [0] });
    expect(await learner.predict([99.5, 0], { threshold: 1 })).toMatchObject([
      { labels: ["a"] },
      { labels: ["a", "b"] },
    ]);
    await expect(learner.predict(3, { threshold: 1.1 })).rejects.toThrow("threshold");
    await expect(learner.predict([1, -1])).rejects.toThrow("no item -1");
  });

  test("disposed, releases its session and predicts nothing, even between two batches", async () => {
    const { learner, runs, disposed, whileRunning } = fake(1);
    whileRunning(async () => learner[Symbol.asyncDispose]());
    const error = await learner.predict([1, 2, 3]).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LearnerError);
    expect(error).toMatchObject({
      where: "predict",
      message: "predict: expected a loaded learner in use, got one that has been disposed",
    });
    expect(sizes(runs)).toEqual([1]);
    expect(disposed()).toBe(1);
    await expect(learner.predict([])).rejects.toThrow("one that has been disposed");
  });
});
