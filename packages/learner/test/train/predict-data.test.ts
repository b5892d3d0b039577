import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { predictData, trainData } from "../../src/train/index.js";
import { file, folder } from "./tables.js";

const penguins = resolve(import.meta.dirname, "../../../../examples/data/penguins.csv");
const model = join(folder, "run", "model.onnx");

beforeAll(async () => {
  const out = join(folder, "run");
  await trainData(penguins, { target: "species", epochs: 2, lr: 0.01, layers: [8], out });
});

test("other columns, another order and another delimiter make no difference; the target may be missing", async () => {
  const [header, ...rows] = readFileSync(penguins, "utf8").trimEnd().split("\n");
  const shuffled = [header!, ...rows.slice(0, 5)].map((line, i) => {
    const [, ...cells] = line.split(",");
    return [i === 0 ? "other" : "?", ...cells.reverse()].join(";");
  });
  const answers = await predictData(model, file(shuffled.join("\n")));
  expect(answers).toEqual((await predictData(model, penguins)).slice(0, 5));
});

test("columns that are missing are refused, all at once", async () => {
  await expect(predictData(model, file("island,bill_depth\nDream,3\n"))).rejects.toThrow(
    /the columns that the model was trained on, with "bill_length_mm", "bill_depth_mm", .*"sex", got "island", "bill_depth"/,
  );
});

test("a cell that is not what its column was is refused by row and column", async () => {
  const text = readFileSync(penguins, "utf8").replace("39.1", "39;1");
  await expect(predictData(model, file(text))).rejects.toThrow(
    /row 1, column "bill_length_mm": expected a number, got "39;1"/,
  );
});

test("percent and decimal commas are read as they were in the training", async () => {
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${i % 2 ? "12,5" : "50,5"}%;${i % 3};${i % 2 ? "a" : "b"}`,
  );
  const out = join(folder, "percent");
  const data = file(`share;z;y\n${rows.join("\n")}\n`);
  await trainData(data, { epochs: 2, lr: 0.01, layers: [], out });
  const trained = join(out, "model.onnx");
  expect((await predictData(trained, data)).length).toBe(40);
  await expect(predictData(trained, file("share;z\n12,5;1\n"))).rejects.toThrow(
    /expected a number with decimal commas with a percent sign, got "12,5"/,
  );
  await expect(predictData(trained, file("share;z\n12.5%;1\n"))).rejects.toThrow(/expected a number with/);
});

test("a model of texts wants the texts' column, and takes an empty one", async () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `"${i % 2 ? "the ship at sea" : "a tree on land"}, number ${i}",${i % 2}`,
  );
  const out = join(folder, "texts");
  await trainData(file(`words,y\n${rows.join("\n")}\n,1\n`), { epochs: 2, lr: 0.01, out });
  const trained = join(out, "model.onnx");
  const answers = await predictData(trained, file('words,z\n"the ship",1\n"",2\n'));
  expect(answers.map(({ prediction }) => typeof prediction)).toEqual(["string", "string"]);
  await expect(predictData(trained, file("word\nthe ship\n"))).rejects.toThrow(/with "words", got "word"/);
});

test("what is no model is refused", async () => {
  const path = join(folder, "broken.onnx");
  writeFileSync(path, "no model");
  await expect(predictData(path, penguins)).rejects.toThrow(/broken.onnx.*expected/);
});
