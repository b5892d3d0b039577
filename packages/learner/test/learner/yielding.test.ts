import { afterEach, describe, expect, test, vi } from "vitest";
import * as core from "../../../lrfind/src/core/index.js";
import { groupedLearner } from "./grouped.js";

vi.mock("../../../lrfind/src/core/index.js", { spy: true });
afterEach(() => vi.clearAllMocks());

/** How often a call asked whether it should give way to the event loop. */
async function asked(call: () => Promise<unknown>): Promise<number> {
  const before = vi.mocked(core.yieldIfDue).mock.calls.length;
  await call();
  return vi.mocked(core.yieldIfDue).mock.calls.length - before;
}

describe("every loop over mini-batches asks at each whether to give way to the event loop", async () => {
  const learn = groupedLearner();
  const { train, valid } = learn.dls;
  const steps = train.batchesPerEpoch;
  const validations = valid!.batchesPerEpoch;

  test.each<readonly [string, number, () => Promise<unknown>]>([
    ["fit", 2 * (steps + validations), () => learn.fit(2)],
    ["validate", validations, () => learn.validate()],
    ["getPreds", validations, () => learn.getPreds()],
    ["topLosses", valid!.dataset.length, () => learn.topLosses(1)],
    ["lrFind", 12, () => learn.lrFind({ numIt: 12, stopDiv: false })],
    [
      "lrFind on the validation loss",
      12 * (2 + validations),
      () => learn.lrFind({ numIt: 12, stopDiv: false, lossOn: "validation" }),
    ],
  ])("%s", async (_, times, call) => {
    expect(await asked(call)).toBe(times);
  });
});
