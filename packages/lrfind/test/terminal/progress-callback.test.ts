import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { earlyStopping } from "../../../learner/src/learner/index.js";
import { groupedLearner, stripeLoaders } from "../../../learner/test/learner/grouped.js";
import { progressCallback } from "../../src/terminal/index.js";

function collect() {
  const stream = Object.assign(new PassThrough(), { isTTY: false });
  return { stream, text: () => String(stream.read() ?? "") };
}

describe("progressCallback", () => {
  test("writes a line per epoch under one head, and no bar where there is no terminal", async () => {
    const bar = collect();
    const table = collect();
    await using learner = groupedLearner();
    const records = await learner.fit(2, {
      cbs: [progressCallback({ bar: bar.stream, table: table.stream })],
    });
    const lines = table.text().trimEnd().split("\n");
    expect(lines[0]).toBe("epoch     trainLoss  validLoss  accuracy  time");
    expect(lines.length).toBe(3);
    records.forEach(({ trainLoss, validLoss, metrics }, i) => {
      const cells = lines[i + 1]!.split(/\s+/);
      expect(cells.slice(0, 4)).toEqual([
        String(i),
        trainLoss.toPrecision(4),
        validLoss!.toPrecision(4),
        metrics["accuracy"]!.toPrecision(4),
      ]);
      expect(cells[4]).toMatch(/^\d+:\d\d$/);
    });
    expect(bar.text()).toBe("");
  });

  test("writes the last line of a fit that is stopped early", async () => {
    const table = collect();
    await using learner = groupedLearner();
    const cbs = [
      earlyStopping({ monitor: "accuracy", minDelta: 2, patience: 1 }),
      progressCallback({ bar: collect().stream, table: table.stream }),
    ];
    const records = await learner.fit(9, { cbs });
    expect(records.length).toBe(2);
    expect(table.text().trimEnd().split("\n").length).toBe(3);
  });

  test("has no column for what there is not, and shows a bar in a terminal", async () => {
    const bar = collect();
    const table = collect();
    const terminal = Object.assign(bar.stream, {
      isTTY: true,
      cursorTo() {},
      clearLine() {},
      moveCursor() {},
    });
    const { train } = stripeLoaders();
    await using learner = groupedLearner({ dls: { train } });
    await learner.fit(1, { cbs: [progressCallback({ bar: terminal, table: table.stream })] });
    expect(table.text().split("\n")[0]).toBe("epoch     trainLoss  time");
    expect(bar.text()).toContain("epoch 1 of 1");
  });
});
