import { describe, expect, test } from "vitest";
import type { Attributes } from "../../../../src/onnx/index.js";
import { differentiate, GraphBuilder, tensor } from "../../../../src/onnx/index.js";
import type { GraphFunction } from "../../numeric.js";
import { finiteDifferences, relativeError, runWithGradients, values } from "../../numeric.js";
import { testTorchCases } from "../../torch.js";

interface Target {
  readonly sizes?: readonly number[];
  readonly scales?: readonly number[];
}

function resize(attributes: Attributes, { sizes, scales }: Target): GraphFunction {
  return (g, [x]) => {
    const wanted = sizes
      ? [x!, null, null, g.ints(sizes)]
      : [x!, null, g.constant(tensor("float32", [scales!.length], scales!))];
    return g.op("Resize", wanted, attributes);
  };
}

describe("gradients of Resize agree with PyTorch", () => {
  testTorchCases("resize", ({ attributes }) => {
    const { sizes, scales, ...rest } = attributes as Attributes & Target;
    return resize(rest, { ...(sizes && { sizes }), ...(scales && { scales }) });
  });
});

describe("gradients of Resize agree with ONNX Runtime's own outputs, by finite differences", () => {
  const transforms = [
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
  ];
  const roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];
  const targets: readonly Target[] = [
    { sizes: [1, 2, 7, 2] },
    { sizes: [1, 2, 1, 8] },
    { sizes: [1, 2, 6, 12] },
    { scales: [1, 1, 1.5, 0.7] },
    { scales: [1, 1, 1, 2.6] },
  ];

  async function check(attributes: Attributes, target: Target) {
    const f = resize(attributes, target);
    const inputs = [values([1, 2, 3, 4])];
    const { gradients } = await runWithGradients(f, inputs);
    const expected = await finiteDifferences(f, inputs);
    expect(relativeError(gradients[0]!.data as Float32Array, expected[0]!)).toBeLessThan(1e-2);
  }

  for (const coordinate_transformation_mode of transforms) {
    for (const target of targets) {
      const to = JSON.stringify(target);
      test(`linear, ${coordinate_transformation_mode}, ${to}`, () =>
        check({ mode: "linear", coordinate_transformation_mode }, target));
      test(`cubic, ${coordinate_transformation_mode}, ${to}`, () =>
        check({ mode: "cubic", coordinate_transformation_mode, cubic_coeff_a: -0.5 }, target));
      if (coordinate_transformation_mode === "half_pixel_symmetric") continue;
      test(`nearest, ${coordinate_transformation_mode}, ${to}, every rounding`, async () => {
        for (const nearest_mode of roundings) {
          await check({ mode: "nearest", coordinate_transformation_mode, nearest_mode }, target);
        }
      });
    }
  }
});

describe("the rule of Resize", () => {
  test("sums blocks for nearest upsampling by whole factors", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 2, 3, 4]);
    const y = resize(
      { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
      { sizes: [1, 2, 6, 12] },
    )(g, [x]);
    differentiate(g, g.reduceSum(g.mul(y, y)), [x]);
    expect(g.nodes.some((node) => node.opType === "MatMul")).toBe(false);
  });

  test("refuses scales on which ONNX Runtime's shape inference and kernel disagree", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 1, 10]);
    expect(() => resize({ mode: "linear" }, { scales: [1, 1, 0.7] })(g, [x])).toThrow("expected sizes");
  });

  test("refuses nearest with half_pixel_symmetric", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 1, 3, 4]);
    const attributes = { mode: "nearest", coordinate_transformation_mode: "half_pixel_symmetric" };
    const y = resize(attributes, { sizes: [1, 1, 6, 8] })(g, [x]);
    expect(() => differentiate(g, g.reduceSum(y), [x])).toThrow("half_pixel_symmetric, not nearest");
  });

  test.each([
    [{ mode: "lanczos" }, "the mode nearest, linear or cubic, not lanczos"],
    [{ mode: "linear", antialias: 1 }, 'no attribute "antialias"'],
    [{ mode: "cubic", exclude_outside: 1 }, 'no attribute "exclude_outside"'],
    [{ mode: "linear", coordinate_transformation_mode: "tf_crop_and_resize" }, "without a region"],
  ])("refuses variants that have no rule: %o", (attributes: Attributes, message) => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 1, 3, 4]);
    const y = resize(attributes, { sizes: [1, 1, 6, 8] })(g, [x]);
    expect(() => differentiate(g, g.reduceSum(y), [x])).toThrow(message);
  });
});
