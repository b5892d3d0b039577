import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCanvas } from "@napi-rs/canvas";
import { formatRate, parseResult } from "lrfind";
import { describe, expect, test } from "vitest";
import { readTable } from "../../src/data/index.js";
import { loadLearner } from "../../src/learner/index.js";
import { predictData, type TrainReport, tidyTable, trainData } from "../../src/train/index.js";

const root = resolve(import.meta.dirname, "../../../..");
const folder = mkdtempSync(join(tmpdir(), "train-"));
const penguins = join(root, "examples/data/penguins.csv");

/** Runs the code that a run left, as its reader would. */
function rerun({ folder: run }: TrainReport) {
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, "tsconfig.json") };
  const done = spawnSync(process.execPath, ["--import", import.meta.resolve("tsx"), join(run, "train.ts")], {
    encoding: "utf8",
    env,
  });
  expect(done.stderr).toBe("");
  return readFileSync(join(run, "model-again.onnx"));
}

/** Images of two classes: bright above, bright below. */
function images(): string {
  const path = join(folder, "images");
  for (const [c, name] of ["above", "below"].entries()) {
    mkdirSync(join(path, name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const canvas = createCanvas(16, 16);
      const context = canvas.getContext("2d");
      context.fillStyle = `rgb(${200 + i}, ${180 + i}, ${160 + i})`;
      context.fillRect(0, 8 * c, 16, 8);
      writeFileSync(join(path, name, `${i}.png`), canvas.toBuffer("image/png"));
    }
  }
  return path;
}

const sentences = Array.from({ length: 120 }, (_, i) => {
  const [word, topic] = i % 2 ? ["ship", "sea"] : ["tree", "land"];
  return `"the ${word} number ${i % 17} is of the ${topic} indeed",${topic}`;
});
const texts = join(folder, "texts.csv");
writeFileSync(texts, `words,label\n${sentences.join("\n")}\n`);

const runs: Readonly<Record<string, () => Promise<TrainReport>>> = {
  classes: () =>
    trainData(penguins, { target: "species", epochs: 3, out: join(folder, "classes"), layers: [20] }),
  numbers: () =>
    trainData(penguins, { target: "body_mass_g", epochs: 3, out: join(folder, "numbers"), layers: [20] }),
  texts: () => trainData(texts, { epochs: 3, out: join(folder, "texts") }),
  images: () => trainData(images(), { epochs: 2, imageSize: 16, out: join(folder, "pictures") }),
};

describe.each(Object.entries(runs))("a run on %s", (name, start) => {
  test("writes a folder of which everything can be used, and code that gives the same bytes", async () => {
    const report = await start();
    expect(readdirSync(report.folder).sort()).toEqual([...report.files].sort());
    const read = (file: string) => readFileSync(join(report.folder, file), "utf8");
    expect(parseResult(read("result.json"))).toMatchObject({ lr: report.lr });
    expect(read("report.html")).toContain(formatRate(report.lr));
    expect(JSON.parse(read("metrics.json"))).toMatchObject({ lr: report.lr, baselines: report.baselines });
    expect(read("log.csv").trimEnd().split("\n").length).toBe(report.records.length + 1);
    expect(read("train.ts").split("\n").length).toBeLessThan(50);
    expect(rerun(report).equals(readFileSync(join(report.folder, "model.onnx"))), name).toBe(true);
  });
});

test("predictions of raw rows are those of the learner on tidy ones", async () => {
  const { folder: run } = await runs["classes"]!();
  const model = join(run, "model.onnx");
  const predictions = await predictData(model, penguins);
  const rows = (await readTable(penguins)).length;
  expect(predictions.map(({ item }) => item)).toEqual(Array.from({ length: rows }, (_, i) => i + 1));
  await using learn = await loadLearner(model);
  const row = {
    island: "Biscoe",
    bill_length_mm: 46.1,
    bill_depth_mm: 13.2,
    flipper_length_mm: 211,
    body_mass_g: 4500,
    sex: "FEMALE",
  };
  const file = join(folder, "rows.csv");
  writeFileSync(file, `${Object.keys(row).join(";")}\n${Object.values(row).join(";")}\n`);
  const [answer] = await predictData(model, file);
  const { label, probabilities } = await learn.predict(row);
  expect(answer).toEqual({ item: 1, prediction: label, probability: Math.max(...probabilities!) });
});

test("a row that the model cannot take has its reason, and the others their answers", async () => {
  const { folder: run } = await runs["numbers"]!();
  const predictions = await predictData(join(run, "model.onnx"), penguins);
  const without = predictions.filter(({ prediction }) => prediction === null);
  expect(without.length).toBeGreaterThan(0);
  for (const { why } of without) expect(why).toMatch(/missing value/);
  expect(predictions.filter(({ prediction }) => typeof prediction === "number").length).toBeGreaterThan(300);
});

test("what it is told goes through, and it says what it does", async () => {
  const lines: string[] = [];
  const options = {
    target: "species",
    epochs: 2,
    lr: 0.01,
    batchSize: 50,
    validPct: 0.3,
    layers: [8],
    ignore: ["sex"],
  };
  const report = await trainData(
    penguins,
    { ...options, out: join(folder, "told") },
    { say: (line) => lines.push(line) },
  );
  expect(report.lr).toBe(0.01);
  expect(report.files).not.toContain("result.json");
  const text = lines.join("\n");
  for (const words of [
    "sex                left out, as asked for",
    "learning rate 0.01 (as given)",
    "batches of 50",
    "103 held out",
    "epoch 2/2",
  ]) {
    expect(text).toContain(words);
  }
});

test("an end within some seconds, by the steps of the search", async () => {
  const lines: string[] = [];
  const report = await trainData(
    penguins,
    { target: "species", maxTime: 1e-9, out: join(folder, "short") },
    { say: (line) => lines.push(line) },
  );
  expect(report.records.length).toBe(1);
  expect(lines.join("\n")).toContain("1 epoch in place of 40");
});

test("a time that is over ends it, with a rate that was given too, and the code ends there as well", async () => {
  const report = await trainData(penguins, {
    target: "species",
    ...{ lr: 0.01, epochs: 400, maxTime: 0.05, layers: [20], out: join(folder, "over") },
  });
  expect(report.records.length).toBeLessThan(400);
  expect(rerun(report).equals(readFileSync(join(report.folder, "model.onnx")))).toBe(true);
});

test("folders that are parts of images, one of them broken", async () => {
  const path = join(folder, "parts");
  for (const part of ["train", "valid"]) cpSync(images(), join(path, part), { recursive: true });
  writeFileSync(join(path, "train", "above", "broken.png"), "no image");
  const lines: string[] = [];
  const host = { say: (line: string) => lines.push(line) };
  const report = await trainData(path, { epochs: 1, imageSize: 16, out: join(folder, "of-parts") }, host);
  expect(lines.join("\n")).toMatch(/broken\.png/);
  expect(lines.join("\n")).toContain("24 items to learn from, 24 held out");
  expect(rerun(report).equals(readFileSync(join(report.folder, "model.onnx")))).toBe(true);
});

test("an abort ends it", async () => {
  const controller = new AbortController();
  const running = trainData(
    penguins,
    { target: "species", out: join(folder, "aborted") },
    { say: (line) => line.startsWith("epoch 2") && controller.abort(), signal: controller.signal },
  );
  await expect(running).rejects.toThrow(/abort/i);
});

test("dates become their parts, and missing values null", async () => {
  const table = await readTable([
    { when: "31.12.2024", x: "1.234,5" },
    { when: "NA", x: "-" },
  ]);
  const columns = {
    when: { kind: "date", order: "dmy" },
    x: { kind: "number", thousands: ".", decimal: "," },
  } as const;
  const tidy = tidyTable(table, { columns, missing: ["NA", "-"] });
  expect(Object.fromEntries(tidy.values)).toEqual({
    "when: year": [2024, null],
    "when: month": [12, null],
    "when: day of week": [2, null],
    "when: day of year": [366, null],
    "when: days": [20088, null],
    "when: time of day": [0, null],
    x: [1234.5, null],
  });
});

test("what is no model, no file, no option is refused", async () => {
  await expect(predictData(join(folder, "none.onnx"), penguins)).rejects.toThrow(
    /expected a model, got none/,
  );
  await expect(trainData(join(folder, "none.csv"))).rejects.toThrow(/expected a file or a folder, got none/);
  await expect(trainData(penguins, { targt: "species" } as never)).rejects.toThrow(/try target/);
});
