import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differentiate, GraphBuilder, tensor } from "../../../../src/onnx/index.js";
import type { GraphFunction } from "../../numeric.js";
import { finiteDifferences, lossWeights, relativeError, runWithGradients, values } from "../../numeric.js";
import type { TorchCase } from "../../torch.js";
import { checkCase, testTorchCases, torchCases, unpack } from "../../torch.js";

function build({ attributes }: TorchCase): GraphFunction {
  const { op, ...rest } = attributes as { op: string };
  return (g, inputs) => g.op(op, inputs, rest);
}

describe("gradients of operators with indices agree with PyTorch", () => testTorchCases("gather", build));

describe("gradients of operators with indices known when the graph is built agree with PyTorch", () => {
  for (const torch of torchCases("gather")) {
    test(torch.name, () =>
      checkCase(torch, (g, [x, , ...rest]) => {
        const indices = g.constant(unpack(torch.inputs[1]!));
        return build(torch)(g, [x!, indices, ...rest]);
      }),
    );
  }
});

describe("gradients of operators with indices", () => {
  test("an embedding's gradient sums the rows of each repeated token", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(), { minLength: 2, maxLength: 12 }),
        async (vocabulary, width, picks) => {
          const tokens = picks.map((pick) => pick % vocabulary);
          const { gradients } = await runWithGradients(
            (g, [table, indices]) => g.op("Gather", [table!, indices!]),
            [values([vocabulary, width]), tensor("int64", [tokens.length], tokens)],
          );
          const weights = lossWeights(tokens.length * width);
          const expected = new Float64Array(vocabulary * width);
          tokens.forEach((token, i) => {
            for (let j = 0; j < width; j++) expected[token * width + j]! += weights[i * width + j]!;
          });
          expect(relativeError(gradients[0]!.data as Float32Array, expected)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("nothing flows back where no index is given", async () => {
    const f: GraphFunction = (g, [x]) => {
      const none = g.op("Gather", [x!, g.constant(tensor("int64", [0], []))]);
      return g.concat([none, x!], 0);
    };
    const inputs = [values([3, 2])];
    const { gradients } = await runWithGradients(f, inputs);
    const expected = await finiteDifferences(f, inputs);
    expect(relativeError(gradients[0]!.data as Float32Array, expected[0]!)).toBeLessThan(1e-2);
  });

  test("refuse reductions that have no rule", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [3]);
    const indices = g.constant(tensor("int64", [1], [0]));
    const largest = g.op("ScatterElements", [x, indices, g.constant(tensor("float32", [1], [1]))], {
      reduction: "max",
    });
    expect(() => differentiate(g, g.reduceSum(largest), [x])).toThrow("the reduction none or add, not max");
  });

  test("refuse ScatterND(add), whose sums vary in ONNX Runtime", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [3]);
    const indices = g.constant(tensor("int64", [1, 1], [0]));
    const sum = g.op("ScatterND", [x, indices, g.constant(tensor("float32", [1], [1]))], {
      reduction: "add",
    });
    expect(() => differentiate(g, g.reduceSum(sum), [x])).toThrow("the reduction none, not add");
  });
});
