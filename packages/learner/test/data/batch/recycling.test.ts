import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../../engine/src/onnx/graph/tensor.js";
import {
  arrayDataset,
  DataLoader,
  type Dataset,
  flip,
  randomCrop,
  subset,
  tensorDataset,
} from "../../../src/data/index.js";

const x: Tensor = { dtype: "float32", shape: [5, 2], data: Float32Array.from({ length: 10 }, (_, i) => i) };
const y: Tensor = { dtype: "int64", shape: [5], data: BigInt64Array.of(0n, 1n, 2n, 3n, 4n) };
const images = { images: Uint8Array.from({ length: 20 }, (_, i) => i), shape: [1, 2, 2] as const };
const labels = [0, 1, 2, 3, 4];
const datasets: Record<string, () => Dataset> = {
  tensorDataset: () => tensorDataset({ inputs: [x], targets: [y] }),
  arrayDataset: () => arrayDataset({ ...images, labels }),
  "a subset of one": () => subset(arrayDataset({ ...images, labels }), [4, 3, 2, 1, 0]),
};

describe.each(Object.entries(datasets))("a batch into another, %s", (_, make) => {
  it("is written over it, and has the values that a new one has", async () => {
    const loader = new DataLoader({ dataset: make(), batchSize: 2, shuffle: true });
    const fresh = await loader.batchAt(3, 1);
    const into = await loader.batchAt(3, 0);
    const again = await loader.batchAt(3, 1, { into });
    expect(again).toEqual(fresh);
    expect(again.inputs[0]!.data).toBe(into.inputs[0]!.data);
    expect(again.targets[0]!.data).toBe(into.targets[0]!.data);
  });

  it("has new tensors where it is shorter", async () => {
    const loader = new DataLoader({ dataset: make(), batchSize: 2 });
    const into = await loader.batchAt(0, 1);
    const before = structuredClone(into);
    expect(await loader.batchAt(0, 2, { into })).toEqual(await loader.batchAt(0, 2));
    expect(into).toEqual(before);
  });
});

it("leaves alone the batches that a wrapper of a dataset keeps", async () => {
  const inner = arrayDataset({ ...images, labels });
  const kept = new Map<string, ReturnType<Dataset["batch"]>>();
  const batch: Dataset["batch"] = (rows, context) => {
    const key = rows.join();
    if (!kept.has(key)) kept.set(key, inner.batch(rows, context));
    return kept.get(key)!;
  };
  const loader = new DataLoader({ dataset: { ...inner, batch }, batchSize: 2 });
  const first = await loader.batchAt(0, 0);
  const before = structuredClone(first);
  await loader.batchAt(0, 1, { into: first });
  expect(first).toEqual(before);
});

it("has the values of a new batch where images are augmented", async () => {
  const dataset = arrayDataset({ ...images, labels, augment: [flip(), randomCrop({ size: 2, padding: 1 })] });
  const loader = new DataLoader({ dataset, batchSize: 2, shuffle: true });
  const fresh = await loader.batchAt(1, 1);
  const into = await loader.batchAt(1, 0);
  expect(await loader.batchAt(1, 1, { into })).toEqual(fresh);
});
