import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Attribute, Attributes, Value } from "../../../../src/onnx/index.js";
import { differentiate, GraphBuilder, tensor } from "../../../../src/onnx/index.js";
import type { GraphFunction } from "../../numeric.js";
import { finiteDifferences, lossWeights, relativeError, runWithGradients, values } from "../../numeric.js";
import type { TorchCase } from "../../torch.js";
import { testTorchCases } from "../../torch.js";

type Ints = readonly number[];

/** Builds the operator that a fixture's attributes name, its integer inputs made from them. */
function build({ attributes }: TorchCase): GraphFunction {
  const { op, ...rest } = attributes as { op: string } & Record<string, Attribute>;
  const ints = (name: string) => rest[name] as Ints;
  const int = (name: string) => rest[name] as number;
  return (g, inputs) => {
    const x = inputs[0]!;
    const withInts = (name: string) => g.op(op, name in rest ? [x, g.ints(ints(name))] : [x]);
    switch (op) {
      case "Concat":
        return g.op(op, inputs, rest);
      case "ConcatCast":
        return g.op(
          "Concat",
          inputs.map((input) => g.cast(input, "float32")),
          rest,
        );
      case "CumSum":
        return g.op(op, [x, g.scalar(int("axis"), "int64")], {
          exclusive: rest["exclusive"]!,
          reverse: rest["reverse"]!,
        });
      case "Expand":
      case "Reshape":
        return withInts("shape");
      case "Pad": {
        const padding = [x, g.ints(ints("pads")), rest["mode"] === "constant" ? g.scalar(0.5) : null];
        return g.op(op, padding, { mode: rest["mode"]! });
      }
      case "Slice":
        return g.slice(x, ints("starts"), ints("ends"), ints("axes"), ints("steps"));
      case "Split": {
        const parts = g.node(
          op,
          [x, g.ints(ints("split"))],
          { axis: rest["axis"]! },
          { outputs: ints("split").length },
        );
        const used = ints("used").map((i) => g.mul(parts[i]!, parts[i]!));
        return g.concat(used, 1);
      }
      case "Squeeze":
      case "Unsqueeze":
        return withInts("axes");
      case "Tile":
        return withInts("repeats");
      case "Trilu":
        return g.op(op, [x, g.scalar(int("k"), "int64")], { upper: rest["upper"]! });
      default:
        return g.op(op, [x], rest);
    }
  };
}

describe("gradients of layout operators agree with PyTorch", () => testTorchCases("layout", build));

describe("gradients of layout operators", () => {
  test("reach the constant that Pad fills in", async () => {
    const f: GraphFunction = (g, [x, fill]) => g.op("Pad", [x!, g.ints([1, -1, 0, 2]), fill!]);
    const inputs = [values([2, 3]), tensor("float32", [], [0.25])];
    const { gradients } = await runWithGradients(f, inputs);
    const expected = await finiteDifferences(f, inputs);
    gradients.forEach((gradient, i) => {
      expect(relativeError(gradient.data as Float32Array, expected[i]!)).toBeLessThan(1e-2);
    });
  });

  test("are zero where a slice is empty", async () => {
    const f: GraphFunction = (g, [x]) =>
      g.concat([g.slice(x!, [2], [2], [0]), g.mul(g.slice(x!, [0], [1], [0]), 3)], 0);
    const { gradients } = await runWithGradients(f, [values([3])]);
    expect(Array.from(gradients[0]!.data as Float32Array, (v) => v !== 0)).toEqual([true, false, false]);
  });

  test("Split that shares out a dimension unevenly", async () => {
    const f: GraphFunction = (g, [x]) => {
      const parts = g.node("Split", [x!], { axis: 0, num_outputs: 3 }, { outputs: 3 });
      return g.mul(parts[2]!, 2);
    };
    const inputs = [values([7, 2])];
    const { y, gradients } = await runWithGradients(f, inputs);
    expect(y.shape).toEqual([1, 2]);
    const expected = await finiteDifferences(f, inputs);
    expect(relativeError(gradients[0]!.data as Float32Array, expected[0]!)).toBeLessThan(1e-2);
  });

  test("of a slice lie where its elements came from, for any start, end and step", async () => {
    const bound = fc.integer({ min: -9, max: 9 });
    const step = fc.integer({ min: -4, max: 4 }).filter((n) => n !== 0);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), bound, bound, step, async (size, start, end, by) => {
        // The tail keeps the loss dependent on the input where the slice is empty.
        const f: GraphFunction = (g, [x]) => g.concat([g.slice(x!, [start], [end], [0], [by]), x!], 0);
        const { y, gradients } = await runWithGradients(f, [
          tensor(
            "float32",
            [size],
            Array.from({ length: size }, (_, i) => i),
          ),
        ]);
        const weights = lossWeights(y.data.length);
        const expected = new Float64Array(size);
        (y.data as Float32Array).forEach((from, i) => {
          expected[from]! += weights[i]!;
        });
        expect(relativeError(gradients[0]!.data as Float32Array, expected)).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  test("refuse a padding mode that is not known", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [3]);
    const pad = (attributes: Attributes): Value => g.op("Pad", [x, g.ints([1, 1])], attributes);
    expect(() => differentiate(g, g.reduceSum(pad({ mode: "mirror" })), [x])).toThrow(
      'cannot differentiate "Pad"',
    );
  });
});
