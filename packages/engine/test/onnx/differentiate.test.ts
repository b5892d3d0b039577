import { describe, expect, test } from "vitest";
import { differentiate, GraphBuilder } from "../../src/onnx/index.js";
import { finiteDifferences, relativeError, runWithGradients, values } from "./numeric.js";

describe("differentiate", () => {
  test("sums a broadcast gradient down to the input's shape", async () => {
    const f = (g: GraphBuilder, [a, b]: Parameters<Parameters<typeof runWithGradients>[0]>[1]) =>
      g.mul(a!, b!);
    const inputs = [values([2, 3]), values([3], 1)];
    const { gradients } = await runWithGradients(f, inputs);
    const expected = await finiteDifferences(f, inputs);
    expect(gradients[1]!.shape).toEqual([3]);
    gradients.forEach((gradient, i) => {
      expect(relativeError(gradient.data as Float32Array, expected[i]!)).toBeLessThan(1e-2);
    });
  });

  test("adds up the gradients of a value that is used twice", async () => {
    const { gradients } = await runWithGradients((g, [x]) => g.mul(x!, x!), [values([4])]);
    const x = values([4]).data;
    const weights = [1, 2.7, 4.4, 6.1].map(Math.sin);
    expect(
      relativeError(
        gradients[0]!.data as Float32Array,
        weights.map((w, i) => 2 * w * x[i]!),
      ),
    ).toBeLessThan(1e-6);
  });

  test("names the operator and the node that it cannot differentiate", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const y = g.op("Det", [x], {}, { name: "/x/Det", types: [{ dtype: "float32", shape: [] }] });
    expect(() => differentiate(g, y, [x])).toThrow('cannot differentiate "Det" (node "/x/Det")');
  });

  test.each(["int64", "int32", "uint8", "bool"] as const)("refuses a parameter of %s", (dtype) => {
    const g = new GraphBuilder();
    const n = g.input("n", dtype, [2]);
    expect(() => differentiate(g, g.reduceSum(g.cast(n, "float32")), [n])).toThrow(
      `differentiate: expected parameters of floats, got ${dtype}[2] ("n")`,
    );
  });

  test.each(["int32", "bool"] as const)(
    "takes no gradient through %s, and the one beside it",
    async (dtype) => {
      const { gradients } = await runWithGradients(
        (g, [x]) => g.mul(g.cast(g.cast(x!, dtype), "float32"), x!),
        [{ dtype: "float32", shape: [3], data: new Float32Array([1.5, -2.5, 0]) }],
      );
      const weights = [1, 2.7, 4.4].map(Math.sin);
      const factors = dtype === "bool" ? [1, 1, 0] : [1, -2, 0];
      expect(
        relativeError(
          gradients[0]!.data as Float32Array,
          weights.map((w, i) => w * factors[i]!),
        ),
      ).toBeLessThan(1e-6);
    },
  );

  test("refuses a parameter that the loss does not depend on", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const other = g.input("other", "float32", [2]);
    expect(() => differentiate(g, g.reduceSum(x), [x, other])).toThrow('depend on "other"');
  });
});
