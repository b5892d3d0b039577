import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadModel } from "../../../../learner/src/learner/import/index.js";
import { avgPool2d, buildEvaluationGraph, maxPool2d } from "../../../src/nn/index.js";
import type { Target, TensorData } from "../../../src/onnx/index.js";
import {
  differentiate,
  encodeModelFile,
  foldBatch,
  GraphBuilder,
  lowerFolded,
  tensor,
} from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";
import { runLayer } from "../../nn/run-layer.js";
import { readFixture } from "../../nn/torch-fixture.js";
import { lossWeights, relativeError, values } from "../numeric.js";
import { isFilled, outputSize, type PoolGeometry, referencePool } from "./pool-reference.js";

interface TorchPool {
  readonly op: PoolGeometry["op"];
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly ceil: boolean;
  readonly includePad: boolean;
  readonly output: readonly number[];
  readonly y: readonly number[];
  readonly dx: readonly number[];
}

const { cases } = readFixture<{ cases: readonly TorchPool[] }>("pool_geometry");

const geometryOf = ({ pads, ...torch }: TorchPool): PoolGeometry => ({
  ...torch,
  padsBegin: pads,
  padsEnd: pads,
});

function attributesOf({
  op,
  kernel,
  strides,
  dilations,
  padsBegin,
  padsEnd,
  ceil,
  includePad,
}: PoolGeometry) {
  return {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...padsBegin, ...padsEnd],
    ceil_mode: ceil ? 1 : 0,
    ...(op === "AveragePool" ? { count_include_pad: includePad ? 1 : 0 } : {}),
  };
}

/**
 * Compares sums of at most 27 values of magnitude 1, made in float32. Not by their own magnitude: they may cancel to
 * nearly nothing.
 */
function expectSums(got: TensorData, expected: ArrayLike<number>, what: string): void {
  expect(got.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(Number(got[i]) - expected[i]!);
    expect(error < 5e-6, `${what}[${i}]: ${got[i]} for ${expected[i]}`).toBe(true);
  }
}

type Form = { readonly target: Target; readonly folded?: boolean };

/** Expects output and gradient of the graph to be the reference's. */
async function expectPool(
  geometry: PoolGeometry,
  { target, folded = false }: Form,
  batch = 1,
): Promise<void> {
  const shape = [batch, 2, ...geometry.size];
  const x = values(shape);
  const g = new GraphBuilder();
  const input = g.input("x", "float32", shape);
  const y = g.op(geometry.op, [input], attributesOf(geometry));
  expect(y.shape.slice(2)).toEqual(outputSize(geometry));
  const weights = lossWeights(y.shape.reduce((a, b) => a * b, 1));
  const loss = g.reduceSum(g.mul(y, g.constant(tensor("float32", y.shape, weights))));
  if (folded) foldBatch(g, { all: true });
  const gradient = differentiate(g, loss, [input], { target }).get(input)!;
  lowerFolded(g);
  await using session = await createSession(g.build({ y, dx: gradient }), { threads: 1 });
  const got = await session.run({ x });
  const expected = referencePool(geometry, x.data, weights);
  expectSums(got["y"]!.data, expected.y, "output");
  expectSums(got["dx"]!.data, expected.dx, "gradient");
}

/** Any geometry whose windows all hold an element of the input; paddings of their own before and behind. */
function geometries(ranks: readonly number[]): fc.Arbitrary<PoolGeometry> {
  return fc.constantFrom(...ranks).chain((rank) => {
    const each = (min: number, max: number) =>
      fc.array(fc.integer({ min, max }), { minLength: rank, maxLength: rank });
    return fc
      .record({
        op: fc.constantFrom("MaxPool" as const, "AveragePool" as const),
        size: each(1, 6),
        kernel: each(1, 3),
        strides: each(1, 4),
        dilations: fc.oneof(fc.constant(new Array<number>(rank).fill(1)), each(1, 3)),
        padsBegin: each(0, 3),
        padsEnd: each(0, 3),
        ceil: fc.boolean(),
        includePad: fc.boolean(),
      })
      .filter((geometry) => outputSize(geometry).every((size) => size > 0) && isFilled(geometry));
  });
}

/** Paddings that reach the kernel's size can be said otherwise of some pools only, before shapes are known. */
function isRefused({ op, kernel, padsBegin, padsEnd, ceil }: PoolGeometry): boolean {
  const isTooLarge = (pads: readonly number[]) => pads.some((pad, i) => pad >= kernel[i]!);
  if (op === "AveragePool") return isTooLarge(padsBegin) || isTooLarge(padsEnd);
  return ceil && isTooLarge(padsEnd);
}

describe("the reference of pools", () => {
  test.each(cases.map((torch, i) => ({ ...torch, i })))("agrees with PyTorch, case $i", (torch) => {
    const geometry = geometryOf(torch);
    expect(outputSize(geometry)).toEqual(torch.output);
    const x = values([1, 2, ...torch.size], torch.i);
    const { y, dx } = referencePool(geometry, x.data, lossWeights(torch.y.length));
    // The fixture has six digits.
    expect(relativeError(y, torch.y)).toBeLessThan(1e-5);
    expect(relativeError(dx, torch.dx)).toBeLessThan(1e-5);
  });
});

describe("pools of any geometry", () => {
  const forms: readonly (readonly [string, Form, number, readonly number[]])[] = [
    ["plain", { target: "cpu" }, 1, [1, 2, 3]],
    ["for WebAssembly", { target: "wasm" }, 1, [1, 2, 3]],
    ["for WebGPU", { target: "webgpu" }, 1, [1, 2, 3]],
    ["with the batch folded", { target: "cpu", folded: true }, 8, [2]],
  ];
  test.each(forms)("%s", async (_, form, batch, ranks) => {
    await fc.assert(
      fc.asyncProperty(geometries(ranks), (geometry) => expectPool(geometry, form, batch)),
      { numRuns: 150 },
    );
  });

  test("as PyTorch has them, of PyTorch's own geometries", async () => {
    for (const torch of cases) await expectPool(geometryOf(torch), { target: "cpu" });
  });

  test("of a layer", async () => {
    await fc.assert(
      fc.asyncProperty(geometries([2]), async (any) => {
        const geometry = { ...any, dilations: [1, 1], padsEnd: any.padsBegin };
        if (!(outputSize(geometry).every((size) => size > 0) && isFilled(geometry))) return;
        const { op, kernel, strides, padsBegin, ceil, includePad } = geometry;
        const options = {
          stride: strides as [number, number],
          padding: padsBegin as [number, number],
          ceilMode: ceil,
        };
        const size = kernel as [number, number];
        const layer =
          op === "MaxPool"
            ? maxPool2d(size, options)
            : avgPool2d(size, { ...options, countIncludePad: includePad });
        const x = values([2, 2, ...geometry.size]);
        const { y, gradients } = await runLayer(layer, [x], {});
        const expected = referencePool(geometry, x.data, lossWeights(y.data.length));
        expectSums(y.data, expected.y, "output");
        expectSums(gradients["input"]!.data, expected.dx, "gradient");
      }),
      { numRuns: 100 },
    );
  });

  test("of an imported node, of any operator set, or refused by name", async () => {
    const opsets = fc.constantFrom(12, 18, 19, 22);
    await fc.assert(
      fc.asyncProperty(geometries([1, 2]), opsets, async (any, opset) => {
        // Average pools have dilations since operator set 19.
        const isDense = any.op === "AveragePool" && opset < 19;
        const geometry = isDense ? { ...any, dilations: any.size.map(() => 1) } : any;
        if (!(outputSize(geometry).every((size) => size > 0) && isFilled(geometry))) return;
        const { dilations, ...attributes } = attributesOf(geometry);
        const node = {
          name: "pool",
          opType: geometry.op,
          domain: "",
          inputs: ["x"],
          outputs: ["y"],
          attributes: isDense ? attributes : { ...attributes, dilations },
        };
        const { model } = encodeModelFile({
          file: "pool.onnx",
          producer: "test",
          graphName: "pool",
          opset,
          inputs: [{ name: "x", dtype: "float32", shape: ["batch", 2, ...geometry.size] }],
          outputs: [{ name: "y", dtype: null, shape: null }],
          initializers: new Map(),
          nodes: [node],
        });
        const x = values([8, 2, ...geometry.size]);
        if (isRefused(geometry)) {
          await expect(loadModel(model)).rejects.toThrow(`${geometry.op} (node "pool"): expected padding`);
          return;
        }
        const loaded = await loadModel(model);
        await loaded.prepare([x]);
        const { graph } = buildEvaluationGraph({ model: loaded, inputs: [x] });
        await using session = await createSession(graph, { threads: 1 });
        const { prediction } = await session.run({ "input:0": x });
        const expected = referencePool(geometry, x.data, new Float32Array(prediction!.data.length));
        expect(prediction!.shape.slice(2)).toEqual(outputSize(geometry));
        expectSums(prediction!.data, expected.y, "output");
      }),
      { numRuns: 100 },
    );
  });
});
