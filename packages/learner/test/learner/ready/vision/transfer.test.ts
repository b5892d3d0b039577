import { expect, test } from "vitest";
import { transfer } from "../../../../../../bench/transfer-experiment.js";

test("a body pretrained on other classes beats new weights on the same few images", async () => {
  const { scratch, fineTune } = await transfer({
    seed: 0,
    source: "test",
    pretrainPerClass: 500,
    pretrainEpochs: 4,
    perClass: 5,
    epochs: 10,
    testPerClass: 200,
    runtime: { threads: 1 },
  });
  // Chance is 0.2: a training that fails would be easy to beat.
  expect(scratch).toBeGreaterThan(0.5);
  // The gain was 0.07; on 1,000 images the standard error of a difference is at most 0.02.
  expect(fineTune - scratch).toBeGreaterThan(0.03);
});
