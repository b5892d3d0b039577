import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCanvas } from "@napi-rs/canvas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crossEntropy, flatten, linear, sequential } from "../../../engine/src/nn/index.js";
import { tensor } from "../../../engine/src/onnx/index.js";
import {
  arrayDataset,
  type DataLoaders,
  type DataLoadersOptions,
  dataLoaders,
  flip,
  imageDataLoadersFromFolder,
  randomCrop,
  tabularDataLoaders,
  tensorDataset,
} from "../../src/data/index.js";
import { accuracy, Learner, tabularLearner, visionLearner } from "../../src/learner/index.js";
import { groupedLearner, stripeLoaders } from "./grouped.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "evaluation-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** 50 images of 4 × 4 of two classes, of which 10 are held out; the first pixel says the row. */
function loaders(options: DataLoadersOptions = {}, augment = true): DataLoaders {
  const images = Float32Array.from(
    { length: 50 * 16 },
    (_, i) => (i % 16 === 0 ? i / 800 : (i * 7) % 11) / 11,
  );
  const labels = Array.from({ length: 50 }, (_, i) => i % 2);
  const changes = augment ? [randomCrop({ size: 4, padding: 1 }), flip()] : [];
  const dataset = arrayDataset({
    images,
    shape: [1, 4, 4],
    labels,
    classes: ["even", "odd"],
    augment: changes,
  });
  return dataLoaders(dataset, { batchSize: 16, seed: 3, ...options });
}

const learnerOf = (dls: DataLoaders) =>
  new Learner({
    dls,
    model: sequential(flatten(), linear(16, 2)),
    lossFunc: crossEntropy(),
    metrics: [accuracy],
    runtime: { threads: 1 },
  });

describe("evaluation of a loader that is trained with", () => {
  test.each<[string, DataLoadersOptions]>([
    ["shuffled, its last batch dropped", {}],
    ["drawn by weights", { weights: Array.from({ length: 50 }, (_, i) => (i < 25 ? 1 : 0)) }],
    ["in one batch", { batchSize: 40 }],
  ])("goes through all its items, in order and unchanged: %s", async (_, options) => {
    const dls = loaders(options);
    await using learner = learnerOf(dls);
    const loader = dls.train;
    const { predictions, targets, rows } = await learner.getPreds({ loader });
    // The same rows of a dataset that augments nothing, by their numbers.
    await using plain = learnerOf(loaders({ validIdx: complement(rows) }, false));
    expect(predictions.shape).toEqual([40, 2]);
    const given = [...Array(40).keys()].map((i) => loader.dataset.origin!(i).row);
    expect(rows).toEqual(given.sort((a, b) => a - b));
    expect([...targets[0]!.data].map(Number)).toEqual(rows.map((row) => row % 2));
    const order = (await plain.getPreds({ loader: plain.dls.train })).rows;
    const whole = await plain.getPreds({ loader: plain.dls.train });
    const expected = rows.flatMap((row) => {
      const at = order.indexOf(row);
      return [...whole.predictions.data].slice(2 * at, 2 * at + 2).map(Number);
    });
    [...predictions.data].forEach((value, i) => {
      expect(Number(value)).toBeCloseTo(expected[i]!, 5);
    });
    const validation = await learner.validate({ loader });
    expect(validation.loss).toBeCloseTo((await plain.validate({ loader: plain.dls.train })).loss, 5);
    const { counts } = await learner.confusionMatrix({ loader });
    expect(counts.flat().reduce((a, b) => a + b)).toBe(40);
    expect(validation.metrics["accuracy"]).toBeCloseTo((counts[0]![0]! + counts[1]![1]!) / 40, 6);
    const losses = await learner.topLosses(100, { loader });
    expect(losses.map(({ row }) => row).sort((a, b) => a - b)).toEqual([...rows].sort((a, b) => a - b));
  });

  const complement = (rows: readonly number[]) => [...Array(50).keys()].filter((row) => !rows.includes(row));
});

describe("rows are those of what the user gave", () => {
  test("of a table, even if rows without a target were left out", async () => {
    const source = Array.from({ length: 40 }, (_, i) => ({
      x: i,
      y: i % 3 === 0 ? null : i % 2 ? "a" : "b",
    }));
    const dls = await tabularDataLoaders({
      source,
      contNames: ["x"],
      yNames: "y",
      missingTarget: "drop",
      validPct: 0.5,
      batchSize: 8,
    });
    await using learner = await tabularLearner(dls, { runtime: { threads: 1 } });
    const losses = await learner.topLosses(100);
    expect(losses.length).toBe(13);
    for (const { row, targets } of losses) {
      expect(dls.processor.spec.vocab![Number(targets[0]!.data[0])]).toBe(source[row]!.y);
    }
  });

  test("of a folder, with the file", async () => {
    const colours = ["red", "green", "blue"];
    for (const colour of colours) {
      await mkdir(join(folder, colour));
      for (let i = 0; i < 4; i++) {
        const canvas = createCanvas(8, 8);
        const context = canvas.getContext("2d");
        context.fillStyle = colour;
        context.fillRect(0, 0, 8, 8);
        await writeFile(join(folder, colour, `${i}.png`), canvas.toBuffer("image/png"));
      }
    }
    const dls = await imageDataLoadersFromFolder({
      path: folder,
      size: 8,
      batchSize: 4,
      validPct: 0.5,
      seed: 1,
    });
    const net = ({ inChannels }: { inChannels: number }) => sequential(flatten(), linear(inChannels * 64, 3));
    await using learner = await visionLearner(dls, net, {
      head: sequential(),
      runtime: { threads: 1 },
    });
    for (const loader of [dls.train, dls.valid!]) {
      const losses = await learner.topLosses(12, { loader });
      expect(losses.length).toBe(6);
      for (const { row, file, targets } of losses) {
        expect(dls.files[row]).toBe(file);
        expect(file).toContain(`/${dls.vocab[Number(targets[0]!.data[0])]}/`);
      }
    }
  });
});

describe("classes", () => {
  const withClasses = (classes: string[], count = 12) =>
    arrayDataset({
      images: new Float32Array(count * 36),
      shape: [1, 6, 6],
      labels: Array.from({ length: count }, (_, i) => i % 2),
      classes,
    });

  test.each([
    [["column", "row", "none"], 'got another order (class 0 is "column")'],
    [["row", "column", "cross"], 'got other classes (class 2 is "cross")'],
    [["row", "column", "none", "cross"], 'got other classes (class 3 is "cross")'],
  ])("%j are not those trained on, wherever they are given", async (classes, got) => {
    const { train } = stripeLoaders();
    const other = dataLoaders(withClasses(classes), { validPct: 0, batchSize: 4 }).train;
    const expected = `expected the classes of the training data in their order`;
    const made = () => dataLoaders(train.dataset, { valid: other.dataset });
    expect(made).toThrow(`valid: ${expected}`);
    expect(made).toThrow(got);
    expect(() => groupedLearner({ dls: { train, valid: other } })).toThrow(`Learner dls.valid: ${expected}`);
    await using learner = groupedLearner();
    for (const method of ["validate", "getPreds", "confusionMatrix"] as const) {
      await expect(learner[method]({ loader: other })).rejects.toThrow(
        `expected the classes of the training`,
      );
    }
    await expect(learner.topLosses(3, { loader: other })).rejects.toThrow(got);
  });

  test("of two tables, and their categories, are not the same, unless one processor made them", async () => {
    const load = (names: string[]) =>
      tabularDataLoaders({
        source: names.map((name, i) => ({ name, much: i % 3 })),
        catNames: ["name"],
        yNames: "much",
        validPct: 0,
        batchSize: 2,
      });
    const [one, same, other] = await Promise.all([
      load(["a", "b", "c"]),
      load(["a", "b", "c"]),
      load(["c", "d", "e"]),
    ]);
    const expected = "expected rows that the training data's processor prepared";
    expect(() => dataLoaders(one.train.dataset, { valid: other.train.dataset, batchSize: 2 })).toThrow(
      expected,
    );
    expect(() => tabularLearner({ ...one, valid: other.train })).toThrow(expected);
    await using learner = await tabularLearner({ ...one, valid: same.train });
    await expect(learner.validate({ loader: other.train })).rejects.toThrow(expected);
    expect((await learner.getPreds()).rows).toEqual([0, 1, 2]);
  });

  test.each([[["row", "column", "none"]], [["row", "column"]]])("%j are", async (classes) => {
    const { train } = stripeLoaders();
    expect(
      dataLoaders(train.dataset, { valid: withClasses(classes), batchSize: 8 }).valid!.dataset.length,
    ).toBe(12);
  });

  test("without names are taken as they are", () => {
    const { train } = stripeLoaders();
    const inputs = [tensor("float32", [2, 1, 6, 6], new Float32Array(72))];
    const valid = tensorDataset({ inputs, targets: [tensor("int32", [2], [0, 1])] });
    expect(dataLoaders(train.dataset, { valid, batchSize: 8 }).valid).toBeDefined();
  });
});
