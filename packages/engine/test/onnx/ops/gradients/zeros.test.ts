import { describe, expect, test } from "vitest";
import type { GraphBuilder, Value } from "../../../../src/onnx/index.js";
import { relativeError, runWithGradients } from "../../numeric.js";
import { torchCases, unpack } from "../../torch.js";

type Norm = (g: GraphBuilder, x: Value, keepDims?: boolean) => Value;

const sum: Norm = (g, x, keepDims = false) => g.reduceSum(x, [1], { keepDims });
const mean: Norm = (g, x, keepDims = false) => g.reduceMean(x, [1], { keepDims });
const reduce =
  (op: string): Norm =>
  (g, x, keepDims = false) =>
    g.op(op, [x, g.ints([1])], { keepdims: Number(keepDims) });
const abs = (g: GraphBuilder, x: Value) => g.op("Abs", [x]);

/** The forms that exports give a norm of order p. */
const powers =
  (p: number): Norm =>
  (g, x, keepDims) =>
    g.pow(sum(g, g.pow(abs(g, x), p), keepDims), 1 / p);
const norms: Record<string, Norm> = {
  ReduceL2: reduce("ReduceL2"),
  "Mul, ReduceSum, Sqrt": (g, x, keep) => g.sqrt(sum(g, g.mul(x, x), keep)),
  "Pow, ReduceSum, Sqrt": (g, x, keep) => g.sqrt(sum(g, g.pow(x, 2), keep)),
  "ReduceSumSquare, Sqrt": (g, x, keep) => g.sqrt(reduce("ReduceSumSquare")(g, x, keep)),
  "Abs, Pow, ReduceSum, Pow": powers(2),
  "Pow, ReduceSum, Pow": (g, x, keep) => g.pow(sum(g, g.pow(x, 2), keep), 0.5),
  "Einsum, Sqrt": (g, x, keep) => {
    const squares = g.op("Einsum", [x, x], { equation: "bi,bi->b" });
    return g.sqrt(keep ? g.reshape(squares, [x.shape[0]!, 1]) : squares);
  },
  "ReduceMean, Mul, Clip, Sqrt": (g, x, keep) => {
    const squares = g.mul(mean(g, g.mul(x, x), keep), x.shape[1]!);
    return g.sqrt(g.op("Clip", [squares, g.scalar(0), null]));
  },
};

const deviation =
  (correction: number): Norm =>
  (g, x, keep) => {
    const centred = g.sub(x, mean(g, x, true));
    return g.sqrt(g.div(sum(g, g.mul(centred, centred), keep), x.shape[1]! - correction));
  };
const sampleDeviation: Norm = (g, x, keep) => {
  const centred = g.sub(x, mean(g, x, true));
  return g.sqrt(g.div(g.mul(mean(g, g.pow(centred, 2), keep), 3), 2));
};

type Forms = Record<string, (g: GraphBuilder, inputs: Value[]) => Value>;
const withNorm = (build: (g: GraphBuilder, norm: Norm, x: Value, y: Value) => Value): Forms =>
  Object.fromEntries(
    Object.entries(norms).map(([name, norm]) => [name, (g, [x, y]) => build(g, norm, x!, y!)]),
  );
const one =
  (norm: Norm): Forms[string] =>
  (g, [x]) =>
    norm(g, x!);

const forms: Record<string, Forms> = {
  norm: withNorm((g, norm, x) => norm(g, x)),
  "norm 1": {
    ReduceL1: one(reduce("ReduceL1")),
    "Abs, ReduceSum": one((g, x) => sum(g, abs(g, x))),
    Pow: one(powers(1)),
  },
  "norm 3": { Pow: one(powers(3)) },
  "norm 1.5": { Pow: one(powers(1.5)) },
  largest: { ReduceMax: one((g, x) => reduce("ReduceMax")(g, abs(g, x))) },
  normalize: {
    ...withNorm((g, norm, x) => g.div(x, g.op("Clip", [norm(g, x, true), g.scalar(1e-12), null]))),
    Max: (g, [x]) => g.div(x!, g.max(norms["Mul, ReduceSum, Sqrt"]!(g, x!, true), 1e-12)),
  },
  "norm plus": withNorm((g, norm, x) => g.div(x, g.add(norm(g, x, true), 1e-3))),
  deviation: { ReduceSum: one(deviation(0)) },
  "sample deviation": { ReduceSum: one(deviation(1)), ReduceMean: one(sampleDeviation) },
  standardize: {
    Sqrt: (g, [x]) => g.div(g.sub(x!, mean(g, x!, true)), g.add(deviation(1)(g, x!, true), 0.1)),
  },
  cosine: withNorm((g, norm, x, y) =>
    g.div(sum(g, g.mul(x, y)), g.mul(g.max(norm(g, x), 1e-3), g.max(norm(g, y), 1e-3))),
  ),
  "cosine by one root": {
    Max: (g, [x, y]) => {
      const squares = g.mul(sum(g, g.mul(x!, x!)), sum(g, g.mul(y!, y!)));
      return g.div(sum(g, g.mul(x!, y!)), g.max(g.sqrt(squares), 1e-3));
    },
  },
  distance: withNorm((g, norm, x, y) => norm(g, g.sub(x, y))),
  distances: {
    Pow: (g, [x, y]) => {
      const differences = g.sub(g.op("Unsqueeze", [x!, g.ints([1])]), g.op("Unsqueeze", [y!, g.ints([0])]));
      return g.pow(g.reduceSum(g.pow(differences, 2), [2]), 0.5);
    },
  },
  "layer norm": {
    LayerNormalization: (g, [x]) =>
      g.op(
        "LayerNormalization",
        [x!, g.constant({ dtype: "float32", shape: [3], data: new Float32Array([1, 1, 1]) })],
        {
          axis: -1,
          epsilon: 1e-2,
        },
      ),
    "its parts": (g, [x]) => {
      const centred = g.sub(x!, mean(g, x!, true));
      return g.div(centred, g.sqrt(g.add(mean(g, g.pow(centred, 2), true), 1e-2)));
    },
  },
  "root mean square": {
    Reciprocal: (g, [x]) =>
      g.mul(x!, g.op("Reciprocal", [g.sqrt(g.add(mean(g, g.mul(x!, x!), true), 1e-2))])),
  },
  contrastive: withNorm((g, norm, x, y) => g.pow(g.op("Relu", [g.sub(1, norm(g, g.sub(x, y)))]), 2)),
  "root of norm": withNorm((g, norm, x) => g.sqrt(g.add(norm(g, x), 0.1))),
};

describe("at zero, equal and constant rows the gradients are those of PyTorch's own operators", () => {
  const cases = torchCases("zeros");
  test("each case has its forms", () => {
    expect(Object.keys(forms).sort()).toEqual(cases.map(({ name }) => name).sort());
  });

  for (const torch of cases) {
    test.each(Object.entries(forms[torch.name] ?? {}))(`${torch.name}: %s`, async (_, build) => {
      const { y, gradients } = await runWithGradients(build, torch.inputs.map(unpack));
      expect(relativeError(y.data as Float32Array, torch.output.data.map(Number)), "y").toBeLessThan(1e-5);
      gradients.forEach((gradient, i) => {
        const expected = torch.gradients[i]!.data.map(Number);
        expect(expected.every(Number.isFinite)).toBe(true);
        // Both compute in float32.
        expect(relativeError(gradient.data as Float32Array, expected), `gradient ${i}`).toBeLessThan(1e-4);
      });
    });
  }
});

test("a root of what is not flat at zero keeps its infinite slope, as PyTorch's does", async () => {
  const { gradients } = await runWithGradients(
    (g, [x]) => g.add(g.sqrt(g.mul(x!, 2)), g.pow(g.mul(x!, 3), 0.5)),
    [{ dtype: "float32", shape: [2], data: new Float32Array([0, 4]) }],
  );
  expect(gradients[0]!.data[0]).toBe(Number.POSITIVE_INFINITY);
  expect(Math.abs(Number(gradients[0]!.data[1]))).toBeLessThan(1);
});
