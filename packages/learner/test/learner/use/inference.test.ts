import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linear, mse, sequential } from "../../../../engine/src/nn/index.js";
import { readMetadata } from "../../../../engine/src/onnx/file/metadata.js";
import { tensor } from "../../../../engine/src/onnx/index.js";
import { createRawSession } from "../../../../engine/src/runtime/index.js";
import type { DataLoaders, Processor } from "../../../src/data/index.js";
import { dataLoaders, tensorDataset } from "../../../src/data/index.js";
import type { Learner } from "../../../src/learner/index.js";
import { groupedLearner, stripeLoaders } from "../grouped.js";
import { bitsOf } from "../toy.js";

let folder: string;
let learner: Learner;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-inference-"));
  learner = groupedLearner();
  await learner.fit(4, { lr: 0.01 });
});
afterAll(async () => {
  await learner[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The rows of the outputs for the validation set, and the labels. */
async function outputs() {
  const { predictions, targets } = await learner.getPreds();
  const [items, classes] = predictions.shape as [number, number];
  const rows = Array.from({ length: items }, (_, i) =>
    Array.from(predictions.data as Float32Array).slice(i * classes, (i + 1) * classes),
  );
  return { rows, labels: Array.from(targets[0]!.data as Int32Array) };
}

/** Cross-entropy of one item, from its definition. */
function lossOf(logits: readonly number[], label: number): number {
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  return Math.log(total) - logits[label]!;
}

const argmax = (row: readonly number[]) => row.indexOf(Math.max(...row));

describe("getPreds", () => {
  test("gives the outputs that validation judges, in the loader's order", async () => {
    const { rows, labels } = await outputs();
    expect(rows.length).toBe(12);
    const { loss, metrics } = await learner.validate();
    const mean = rows.reduce((sum, row, i) => sum + lossOf(row, labels[i]!), 0) / rows.length;
    expect(mean).toBeCloseTo(loss, 5);
    expect(rows.filter((row, i) => argmax(row) === labels[i]).length / rows.length).toBe(metrics["accuracy"]);
    const batch = await learner.dls.valid!.batchAt(0, 0);
    expect(labels.slice(0, 8)).toEqual([...(batch.targets[0]!.data as Int32Array)]);
  });

  test("takes another loader, and can be aborted", async () => {
    const loader = learner.dls.train.with({ shuffle: false, dropLast: false });
    expect((await learner.getPreds({ loader })).predictions.shape).toEqual([48, 3]);
    expect((await learner.validate({ loader })).loss).toBeGreaterThan(0);
    for (const method of ["validate", "getPreds", "confusionMatrix"] as const) {
      await expect(learner[method]({ signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    }
    await expect(learner.topLosses(3, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  });

  test("changes nothing", async () => {
    const before = bitsOf(learner);
    await outputs();
    await learner.topLosses();
    expect(bitsOf(learner)).toEqual(before);
  });
});

describe("predict", () => {
  test("gives one item what getPreds gives it, with probabilities and a name", async () => {
    const { rows } = await outputs();
    const batch = await learner.dls.valid!.batchAt(0, 0);
    const data = (batch.inputs[0]!.data as Float32Array).slice(2 * 36, 3 * 36);
    const { output, probabilities, index, label } = await learner.predict(tensor("float32", [1, 6, 6], data));
    expect(output.shape).toEqual([3]);
    const row = rows[2]!;
    const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
    row.forEach((logit, i) => {
      expect(output.data[i]).toBeCloseTo(logit, 5);
      expect(probabilities![i]).toBeCloseTo(Math.exp(logit) / total, 6);
    });
    expect(index).toBe(argmax(row));
    expect(label).toBe(["row", "column", "none"][argmax(row)]);
  });

  test("says what an item must be", async () => {
    await expect(learner.predict("cat.png")).rejects.toThrow(
      'predict item: expected a tensor float32[1, 6, 6], got "cat.png"; try data loaders with a processor',
    );
    await expect(learner.predict(tensor("float32", [6, 6], new Float32Array(36)))).rejects.toThrow(
      "got float32[6, 6]",
    );
  });

  test("takes a raw item through the data loaders' processor, for numbers as well", async () => {
    const x = tensor("float32", [8, 1], [0, 1, 2, 3, 4, 5, 6, 7]);
    const processor: Processor<{ celsius: number }> = {
      kind: "celsius",
      process: ({ celsius }) => [tensor("float32", [1, 1], [celsius / 100])],
      toJSON: () => ({ kind: "celsius", scale: 100 }),
    };
    const dls: DataLoaders = {
      ...dataLoaders(tensorDataset({ inputs: [x], targets: [x] }), { batchSize: 2 }),
      processor: processor as Processor,
    };
    await using line = groupedLearner({
      dls,
      model: sequential(linear(1, 1)),
      splitter: () => [{ name: "all", parameters: ["0.weight", "0.bias"] }],
      lossFunc: mse(),
      metrics: [],
    });
    const { tensors } = line.state;
    const prediction = await line.predict({ celsius: 20 });
    expect(Object.keys(prediction)).toEqual(["output", "numbers"]);
    expect(prediction.output.shape).toEqual([1]);
    const expected = tensors["param:0.weight"]!.data[0]! * 0.2 + tensors["param:0.bias"]!.data[0]!;
    expect(prediction.output.data[0]).toBeCloseTo(expected, 6);
    await line.export(join(folder, "line.onnx"));
    const metadata = readMetadata(await readFile(join(folder, "line.onnx")));
    expect(JSON.parse(metadata["lrfind.processor"]!)).toEqual({ kind: "celsius", scale: 100 });
    await expect(line.confusionMatrix()).rejects.toThrow("confusionMatrix: expected classes");
  });
});

describe("interpretation", () => {
  test("topLosses are the largest, each by itself", async () => {
    const { rows, labels } = await outputs();
    const losses = rows.map((row, i) => lossOf(row, labels[i]!));
    const { rows: origins } = await learner.getPreds();
    const expected = losses.map((loss, i) => ({ loss, row: origins[i]! })).sort((a, b) => b.loss - a.loss);
    const top = await learner.topLosses(5);
    expect(top.map(({ row }) => row)).toEqual(expected.slice(0, 5).map(({ row }) => row));
    top.forEach(({ loss, targets, row }, i) => {
      expect(loss).toBeCloseTo(expected[i]!.loss, 5);
      expect(Number(targets[0]!.data[0])).toBe(row % 3);
    });
    expect((await learner.topLosses(99)).length).toBe(12);
    await expect(learner.topLosses(0)).rejects.toThrow(
      "topLosses k: expected a whole number from 1 up, got 0",
    );
  });

  test("the confusion matrix counts actual against predicted classes", async () => {
    const { rows, labels } = await outputs();
    const { labels: names, counts } = await learner.confusionMatrix();
    expect(names).toEqual(["row", "column", "none"]);
    for (let actual = 0; actual < 3; actual++) {
      for (let predicted = 0; predicted < 3; predicted++) {
        const count = rows.filter((row, i) => labels[i] === actual && argmax(row) === predicted).length;
        expect(counts[actual]![predicted]).toBe(count);
      }
    }
  });

  test("the summary counts parameters and says which are trained", async () => {
    await using frozen = groupedLearner();
    frozen.freeze();
    const lines = frozen.summary().split("\n");
    expect(lines[0]).toMatch(/^layer +group +shapes +parameters +trained$/);
    expect(lines[2]).toMatch(/^0 +stem +weight \[4, 1, 3, 3\] {2}bias \[4\] +40 +no$/);
    expect(lines[3]).toMatch(/^1 +stem +weight \[4\] {2}bias \[4\] +8 +yes$/);
    expect(lines[4]).toMatch(/^5 +hidden +weight \[16, 36\] {2}bias \[16\] +592 +no$/);
    expect(lines[5]).toMatch(/^8 +head +weight \[3, 16\] {2}bias \[3\] +51 +yes$/);
    expect(lines.at(-1)).toBe("691 parameters, 59 of them trained");
  });
});

describe("export", () => {
  test("writes what ONNX Runtime alone runs with the outputs of getPreds, at any batch size", async () => {
    const path = join(folder, "model.onnx");
    const result = await learner.export(path);
    expect(result).toEqual({ paths: [path], batchSize: "any" });
    const { rows } = await outputs();
    const bytes = await readFile(path);
    await using session = await createRawSession(bytes);
    for (const size of [1, 5]) {
      const batch = await learner.dls.valid!.with({ batchSize: size }).batchAt(0, 0);
      const { output } = await session.run({ [session.inputNames[0]!]: batch.inputs[0]! });
      expect(output!.shape).toEqual([size, 3]);
      rows
        .slice(0, size)
        .flat()
        .forEach((logit, i) => {
          expect(output!.data[i]).toBeCloseTo(logit, 5);
        });
    }
  });

  test("says in its metadata how items were made", async () => {
    const path = join(folder, "described.onnx");
    await learner.export(path, { batchSize: 4 });
    const metadata = readMetadata(await readFile(path));
    expect(JSON.parse(metadata["lrfind.inputs"]!)).toEqual([{ dtype: "float32", shape: [1, 6, 6] }]);
    expect(JSON.parse(metadata["lrfind.vocab"]!)).toEqual(["row", "column", "none"]);
    expect(metadata["lrfind.version"]).toBeDefined();
    expect(metadata["lrfind.processor"]).toBeUndefined();
  });

  test("puts large tensors beside the model where asked to", async () => {
    const path = join(folder, "split.onnx");
    const { paths } = await learner.export(path, { externalData: true });
    const [model, data] = paths;
    expect(model).toBe(path);
    expect(data).toMatch(/split\.onnx\.[0-9a-f]{16}\.data$/);
    const names = (await readdir(folder)).filter((name) => name.startsWith("split.onnx"));
    expect(names.map((name) => join(folder, name)).sort()).toEqual([...paths].sort());
  });
});

test("what needs a validation set asks for one", async () => {
  const { train } = stripeLoaders();
  await using blind = groupedLearner({ dls: { train } });
  await expect(blind.getPreds()).rejects.toThrow("getPreds: expected a validation set, got none");
  await expect(blind.topLosses()).rejects.toThrow("topLosses: expected a validation set");
});
