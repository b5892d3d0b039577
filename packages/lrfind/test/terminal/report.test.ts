import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Trainer } from "../../src/finder/index.js";
import {
  edge,
  lrFind,
  minimum,
  parseCurve,
  parseResult,
  slide,
  steep,
  suggest,
  valley,
} from "../../src/finder/index.js";
import { progress, saveResult, showPoints, suggestionTable } from "../../src/terminal/index.js";

const suggestFuncs = [valley, slide, steep, minimum, edge] as const;

/** Gradient descent on w², from w = 3. */
function parabola(): Trainer {
  return {
    async startTrial() {
      let w = 3;
      return {
        async step(lr) {
          const loss = w * w;
          w -= (lr as number) * 2 * w;
          return loss;
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}

describe("suggestionTable", () => {
  test("names every suggester with its rate and meaning within 80 columns", async () => {
    const { suggestions } = await lrFind(parabola(), { suggestFuncs });
    const table = suggestionTable(suggestions, suggestFuncs);
    for (const { name } of suggestFuncs) expect(table).toContain(name);
    for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("gives the reason where there is no suggestion", () => {
    const empty = { numIt: 100, stop: "aborted", lr: [], loss: [], smoothed: [] } as const;
    const table = suggestionTable(suggest(empty, { suggestFuncs }), suggestFuncs);
    expect(table).toContain("none");
    for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("saveResult", () => {
  test("writes a curve that reads back the same, and pictures", async () => {
    const directory = await mkdtemp(join(tmpdir(), "lrfind-"));
    try {
      const result = await lrFind(parabola(), { suggestFuncs });
      const paths = await saveResult(result, join(directory, "lr-find"));
      const names = ["result.json", "curve.json", "plot.svg", "plot.png"];
      expect(paths).toEqual(names.map((name) => join(directory, "lr-find", name)));
      expect(await readdir(join(directory, "lr-find"))).toEqual(names.toSorted());
      expect(parseResult(await readFile(paths[0]!, "utf8"))).toEqual(result);
      expect(parseCurve(await readFile(paths[1]!, "utf8"))).toEqual(result.curve);
      expect(await readFile(paths[2]!, "utf8")).toContain("<svg");
      expect((await readFile(paths[3]!)).subarray(1, 4).toString()).toBe("PNG");
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

test("saveResult has no one curve where each group was swept alone", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lrfind-"));
  try {
    const trainer = { ...parabola(), paramGroups: ["all"] };
    const result = await lrFind(trainer, { groups: "each" });
    await saveResult(result, directory);
    expect(await readdir(directory)).toEqual(["plot.png", "plot.svg", "result.json"]);
    expect(parseResult(await readFile(join(directory, "result.json"), "utf8"))).toEqual(result);
  } finally {
    await rm(directory, { recursive: true });
  }
});

describe("progress", () => {
  test("draws nothing where there is no terminal", async () => {
    const stream = new PassThrough();
    const bar = progress("finding", stream);
    await lrFind(parabola(), { numIt: 10, onPoint: showPoints(bar) });
    bar.stop();
    expect(stream.read()).toBeNull();
  });

  test("draws a bar with rate and loss in a terminal", async () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    const bar = progress("finding", stream);
    await lrFind(parabola(), { numIt: 10, onPoint: showPoints(bar) });
    bar.stop();
    const drawn = String(stream.read());
    expect(drawn).toContain("finding");
    expect(drawn).toContain("10/10");
    expect(drawn).toMatch(/lr 1e-7 {2}loss 9\.000/);
  });
});
