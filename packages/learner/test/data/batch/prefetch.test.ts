import { describe, expect, it } from "vitest";
import { type Batch, DataLoader, type Dataset, prefetch } from "../../../src/data/index.js";

/** A dataset whose batches resolve when told to, and that remembers which were begun. */
function slowDataset(length: number, failAt = -1) {
  const begun: number[] = [];
  const dataset: Dataset = {
    length,
    inputs: [{ dtype: "int32", shape: [] }],
    targets: [],
    async batch(rows, { step }) {
      begun.push(step);
      await new Promise((resolve) => setTimeout(resolve, (7 * step) % 3));
      if (step === failAt) throw new Error(`batch ${step} is broken`);
      const data = Int32Array.from(rows);
      return { inputs: [{ dtype: "int32", shape: [rows.length], data }], targets: [], size: rows.length };
    },
  };
  return { dataset, begun };
}

const rowsOf = (batch: Batch) => [...batch.inputs[0]!.data].map(Number);
const nextTask = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("prefetch", () => {
  it.each([0, 1, 2, 99])("gives the batches of the epoch in order, %i ahead", async (ahead) => {
    const { dataset } = slowDataset(23);
    const loader = new DataLoader({ dataset, batchSize: 4, shuffle: true, seed: 3 });
    const expected: number[][] = [];
    for await (const batch of loader.epoch(2)) expected.push(rowsOf(batch));
    const got: number[][] = [];
    for await (const batch of prefetch(loader, { epoch: 2, ahead })) got.push(rowsOf(batch));
    expect(got).toEqual(expected);
    const rest: number[][] = [];
    for await (const batch of prefetch(loader, { epoch: 2, step: 4, ahead })) rest.push(rowsOf(batch));
    expect(rest).toEqual(expected.slice(4));
  });

  it("begins no more batches than asked for, while the caller is busy", async () => {
    const { dataset, begun } = slowDataset(10);
    const batches = prefetch(new DataLoader({ dataset, batchSize: 1 }), { ahead: 2 });
    await batches.next();
    expect(begun).toEqual([0]);
    await nextTask();
    expect(begun).toEqual([0, 1, 2]);
    await batches.next();
    await nextTask();
    expect(begun).toEqual([0, 1, 2, 3]);
    await batches.return();
    await nextTask();
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it("begins nothing more once the caller has left", async () => {
    const { dataset, begun } = slowDataset(10);
    for await (const _ of prefetch(new DataLoader({ dataset, batchSize: 1 }))) break;
    await nextTask();
    expect(begun).toEqual([0]);
  });

  it("reports a failure when the batch's turn comes", async () => {
    const { dataset } = slowDataset(10, 2);
    const seen: number[] = [];
    const run = async () => {
      for await (const batch of prefetch(new DataLoader({ dataset, batchSize: 1 }), { ahead: 5 })) {
        await nextTask();
        seen.push(...rowsOf(batch));
      }
    };
    await expect(run()).rejects.toThrow("batch 2 is broken");
    expect(seen).toEqual([0, 1]);
  });
});
