import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { torchPython } from "../../../../../test/support/requirements.js";
import type { Tensor } from "../../../../engine/src/onnx/index.js";
import { tensor } from "../../../../engine/src/onnx/index.js";
import { createRawSession } from "../../../../engine/src/runtime/index.js";
import { relativeError } from "../../../../engine/test/onnx/numeric.js";
import { exportModel, loadModel } from "../../../src/learner/import/index.js";
import { steps } from "./steps.js";
import { readTensors, torchModels } from "./torch-reference.js";

const names = [
  "mlp",
  "smallconv",
  "squeezenet",
  "mobilenetv2",
  "resnet18",
  "resnet18-batch8",
  "vit",
  "transformer",
  "lstm",
];

/** Both sides compute in float32, in another order; errors are relative to the largest element of a tensor. */
const TOLERANCE = 1e-3;

const python = torchPython();

describe.skipIf(!python).each(names)("%s exported by PyTorch", (name) => {
  const load = (variant = "") => {
    const folder = torchModels(python!, name);
    const reference = readTensors(join(folder, `${name}.safetensors`));
    const target = reference.get("target")!;
    const labels = tensor("int32", target.shape, Array.from(target.data as BigInt64Array, Number));
    const batch = { inputs: [reference.get("input")!], targets: [labels], size: labels.shape[0]! };
    const file = `${name}${variant}.onnx`;
    return { bytes: readFileSync(join(folder, file)), file, reference, batch };
  };

  // The second has the batch size of the mini-batch baked in.
  test.each(["", ".static"])(
    "trains as in PyTorch: loss, gradients, weights after five steps (%j)",
    { timeout: 120_000 },
    async (variant) => {
      const { bytes, file, reference, batch } = load(variant);
      const model = await loadModel(bytes, { file });
      const { losses, gradients, after } = await steps(model, batch, 5, 0.01);

      const wanted = [...reference.keys()].filter((key) => key.startsWith("grad/"));
      expect([...gradients.keys()].map((key) => `grad/${key}`).sort()).toEqual(wanted.sort());
      expect(relativeError([losses[0]!], reference.get("loss")!.data as Float32Array), "loss").toBeLessThan(
        1e-4,
      );
      const scale = Math.max(...wanted.map((key) => largest(reference.get(key)!)));
      for (const key of wanted) {
        const want = reference.get(key)!;
        const got = gradients.get(key.slice("grad/".length))!;
        // Gradients that are zero but for rounding: biases before a batch-norm, attention's key biases.
        if (largest(want) < 1e-6 * scale && largest(got) < 1e-6 * scale) continue;
        expect(relativeError(got.data as Float32Array, want.data as Float32Array), key).toBeLessThan(
          TOLERANCE,
        );
      }

      expect(relativeError(losses, reference.get("losses")!.data as Float32Array), "losses").toBeLessThan(
        TOLERANCE,
      );
      for (const [key, want] of reference) {
        if (!key.startsWith("after/")) continue;
        const got = after.get(key.slice("after/".length))!;
        expect(relativeError(got.data as Float32Array, want.data as Float32Array), key).toBeLessThan(
          TOLERANCE,
        );
      }
    },
  );

  // The second is an inference export, batch-norm folded and equal tensors merged.
  test.each(["", ".eval"])(
    "is written back as an inference model with the same outputs, for any batch size (%j)",
    { timeout: 120_000 },
    async (variant) => {
      const { bytes, file, reference } = load(variant);
      const { model: written, batchSize } = await exportModel(await loadModel(bytes, { file }));
      expect(batchSize).toBe("any");
      await using session = await createRawSession(written);
      const input = reference.get("input")!;
      const want = reference.get("inference")!.data as Float32Array;
      const { output } = await session.run({ input });
      expect(relativeError(output!.data as Float32Array, want)).toBeLessThan(1e-4);
      // One item alone, a batch size that the export did not see.
      const size = input.data.length / input.shape[0]!;
      const one = {
        ...input,
        shape: [1, ...input.shape.slice(1)],
        data: input.data.slice(0, size),
      } as Tensor;
      const single = await session.run({ input: one });
      expect(single["output"]!.shape).toEqual([1, 10]);
      expect(relativeError(single["output"]!.data as Float32Array, want.subarray(0, 10))).toBeLessThan(1e-4);
    },
  );
});

describe.skipIf(!python)("an inference export", () => {
  test.each([
    ["resnet18", true],
    ["mobilenetv2", true],
    ["squeezenet", false],
    ["vit", false],
  ])("of %s: batch-norm folded, and said: %s", async (name, folded) => {
    const model = await loadModel(join(torchModels(python!, name), `${name}.eval.onnx`));
    expect(model.notes.some(({ kind }) => kind === "foldedBatchNorm")).toBe(folded);
  });

  test("has as many parameters as the model, though equal ones are stored once", async () => {
    const count = async (file: string) => {
      const { parameters } = await loadModel(join(torchModels(python!, "vit"), file));
      return parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    };
    expect(await count("vit.eval.onnx")).toBe(await count("vit.onnx"));
  });
});

function largest({ data }: Tensor): number {
  let value = 0;
  for (const v of data as Float32Array) value = Math.max(value, Math.abs(v));
  return value;
}
