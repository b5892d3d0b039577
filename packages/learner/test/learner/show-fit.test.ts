import { expect, test } from "vitest";
import type { EpochRecord } from "../../src/index.js";
import { plotLoss } from "../../src/pictures/index.js";
import { cornerLearner } from "./toy.js";

const shown = (records: EpochRecord[]) =>
  (records as unknown as Record<symbol, () => Promise<Record<string, string>>>)[
    Symbol.for("Jupyter.display")
  ]!();

test("a fit shows its epochs and its losses in a notebook, and is a plain list all the same", async () => {
  await using learner = cornerLearner();
  const records = await learner.fitOneCycle(2, { lrMax: 0.01 });
  const losses = plotLoss(learner.recorder);
  const {
    "text/html": html,
    "image/svg+xml": svg,
    "text/plain": text,
  } = (await shown(records)) as Record<"text/html" | "image/svg+xml" | "text/plain", string>;
  expect(html.endsWith(svg)).toBe(true);
  expect(svg).toContain("2 epochs");
  expect(text).toContain(losses.toTerminal({ columns: 80 }));
  for (const { trainLoss } of records) {
    expect(html).toContain(`<td>${trainLoss.toPrecision(4)}</td>`);
    expect(text).toContain(trainLoss.toPrecision(4));
  }
  expect(structuredClone(records)).toEqual(records);
  expect(JSON.parse(JSON.stringify(records))).toEqual(records);

  // What is shown is of that fit, whatever comes after it.
  await learner.fit(1, { lr: 0.01 });
  expect((await shown(records))["image/svg+xml"]).toBe(svg);
});
