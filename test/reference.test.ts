import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../scripts/packages.js";
import { everything, reference } from "../scripts/reference.js";
import { referenceBlocks } from "./support/reference-blocks.js";
import { complaints } from "./support/type-check.js";

const FOLDER = join(root, "docs/reference");
const doors = {
  "@lrfind/learner": () => import("../packages/learner/src/index.js"),
  "@lrfind/engine": () => import("../packages/engine/src/index.js"),
  lrfind: () => import("../packages/lrfind/src/finder/index.js"),
  "lrfind/plot": () => import("../packages/lrfind/src/plot/index.js"),
  "lrfind/terminal": () => import("../packages/lrfind/src/terminal/index.js"),
};

const entries = [...everything().values()].flat();

describe("the reference", () => {
  const pages = reference();

  test("is as the docstrings are now", () => {
    expect(readdirSync(FOLDER).sort()).toEqual([...pages.keys()].sort());
    for (const [name, text] of pages) {
      expect(readFileSync(join(FOLDER, name), "utf8"), `${name}: npm run reference`).toBe(text);
    }
  });

  test.each(Object.entries(doors))("has every export of %s", async (_, open) => {
    const text = [...pages.values()].join("\n");
    for (const name of Object.keys(await open())) expect(text, name).toContain(`\n## ${name}\n`);
  });

  test("has the methods that a class inherits", () => {
    const text = pages.get("learner.md")!;
    const learner = text.slice(text.indexOf("\n## Learner\n"), text.indexOf("\n## LearnerError\n"));
    for (const name of ["fitOneCycle", "freezeTo", "save", "useAverage", "predict", "topLosses", "state"]) {
      expect(learner, name).toContain(`| \`${name}\` |`);
    }
  });

  test("has what everything is for", () => {
    const silent = entries.filter(({ doc }) => doc === "");
    expect(silent.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
  });
});

/** What the docstrings' examples take for given, beside what the packages export. */
const GIVEN = `
import type { Curve, LrFindResult, SearchEvent, Suggester, Trainer } from "lrfind";
import type { Batch, DataLoaders, Dataset, Learner, LossFunc, Model, TableRow } from "@lrfind/learner";
import type { Graph, GraphBuilder, ModelFile, Target, Tensor, TrainingGraphOptions, Value } from "@lrfind/engine";
declare global {
  const curve: Curve;
  const result: LrFindResult;
  const event: SearchEvent;
  const suggestFuncs: readonly Suggester[];
  const trainer: Trainer;
  const dls: DataLoaders;
  const otherDls: DataLoaders;
  const dataset: Dataset;
  const images: Float32Array;
  const labels: Int32Array;
  const rows: readonly TableRow[];
  const text: string;
  const learn: Learner;
  const learner: Learner;
  const model: Model;
  const lossFunc: LossFunc;
  const parts: { readonly dls: DataLoaders; readonly model: Model; readonly lossFunc: LossFunc };
  const useNorm: boolean;
  const seed: number;
  const epoch: number;
  const row: number;
  const graph: Graph;
  const file: ModelFile;
  const options: TrainingGraphOptions;
  const g: GraphBuilder;
  const x: Value;
  const scale: Value;
  const bias: Value;
  const loss: Value;
  const parameters: readonly Value[];
  const target: Target;
  const input: Tensor;
  function build(batch: number): Graph;
  function step(batch: Batch): Promise<void>;
}
`;

describe("the examples of docstrings", () => {
  const blocks = referenceBlocks(entries);

  test("are found", () => {
    expect(blocks.length).toBeGreaterThan(150);
  });

  test("type-check", () => {
    expect(complaints(blocks, GIVEN)).toEqual([]);
  });
});
