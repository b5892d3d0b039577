import { OptionError } from "lrfind/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  dataLoaders,
  Learner,
  linear,
  mse,
  tabularDataLoaders,
  tabularLearner,
  tensorDataset,
} from "../../src/index.js";
import { fitToHtml } from "../../src/pictures/index.js";

const headings = (html: string) => Array.from(html.matchAll(/<h2[^>]*>([^<]*)<\/h2>/g), ([, text]) => text);

describe("of a classifier", () => {
  const source = Array.from({ length: 60 }, (_, i) => ({
    weight: Math.sin(i),
    phase: Math.sin(i) > 0 ? "climb" : "<descent>",
  }));
  let learn: Learner;
  beforeAll(async () => {
    learn = tabularLearner(
      await tabularDataLoaders({ source, contNames: ["weight"], yNames: "phase", batchSize: 8, seed: 3 }),
      { layers: [4] },
    );
  });
  afterAll(() => learn[Symbol.asyncDispose]());

  test("has the losses, the matrix, the worst items, the schedule, the epochs; and leaves the learner as it is", async () => {
    const search = await learn.lrFind({ numIt: 30 });
    const records = await learn.fitOneCycle(3, { lrMax: 0.01 });
    const before = learn.state;
    const alone = await fitToHtml(learn, { title: "A & B", notes: ["A note."], command: "node train.js" });
    const fit = [
      "Losses",
      "What is taken for what",
      "The items that the model does worst on",
      "Learning rate",
      "Momentum",
      "Epochs",
    ];
    expect(headings(alone)).toEqual([...fit, "How it was measured"]);
    expect(alone).toContain("<h1>A &amp; B</h1>");
    for (const { trainLoss } of records) expect(alone).toContain(`<td>${trainLoss.toPrecision(4)}</td>`);
    expect(alone).toContain("&lt;descent&gt;");
    expect(alone).not.toContain("<descent>");
    const both = await fitToHtml(learn, { search });
    expect(headings(both)).toEqual(expect.arrayContaining(["The curve", ...fit, "Use it", "Files"]));
    expect(learn.state).toBe(before);
    // Clip paths of a page are told apart by their names.
    const ids = Array.from(both.matchAll(/<clipPath id="([^"]*)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test("of numbers, without a validation set: what there is", async () => {
  const inputs = [{ dtype: "float32", shape: [8, 3], data: new Float32Array(24).fill(0.5) }] as const;
  const targets = [{ dtype: "float32", shape: [8, 1], data: new Float32Array(8) }] as const;
  const dls = dataLoaders(tensorDataset({ inputs, targets }), { validPct: 0, batchSize: 4 });
  await using learn = new Learner({ dls, model: linear(3, 1), lossFunc: mse() });
  const empty = await fitToHtml(learn);
  expect(empty).toContain("No step was made.");
  await learn.fit(2, { lr: 0.01 });
  expect(headings(await fitToHtml(learn))).toEqual(
    expect.arrayContaining(["Losses", "Learning rate", "Epochs"]),
  );
});

test("what cannot be reported is refused", async () => {
  await expect(fitToHtml({} as never)).rejects.toThrow(/Learner/);
  const inputs = [{ dtype: "float32", shape: [2, 3], data: new Float32Array(6) }] as const;
  const dls = dataLoaders(tensorDataset({ inputs, targets: inputs }), { validPct: 0, batchSize: 2 });
  await using learn = new Learner({ dls, model: linear(3, 3), lossFunc: mse() });
  await expect(fitToHtml(learn, { search: 3 as never })).rejects.toThrow(OptionError);
  await expect(fitToHtml(learn, { parts: [{}] as never })).rejects.toThrow(OptionError);
  await expect(fitToHtml(learn, { titel: "x" } as never)).rejects.toThrow(/known option, got "titel"/);
});
