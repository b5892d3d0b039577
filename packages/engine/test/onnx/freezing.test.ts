import { describe, expect, test } from "vitest";
import type { Value } from "../../src/onnx/index.js";
import { differentiate, GraphBuilder } from "../../src/onnx/index.js";

/** A network of two linear layers and its mean output. */
function network() {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [4, 3]);
  const weights = [g.input("w1", "float32", [3, 5]), g.input("w2", "float32", [5, 2])] as const;
  const biases = [g.input("b1", "float32", [5]), g.input("b2", "float32", [2])] as const;
  const hidden = g.op("Relu", [g.op("Gemm", [x, weights[0], biases[0]], {}, { name: "first" })]);
  const y = g.op("Gemm", [hidden, weights[1], biases[1]], {}, { name: "second" });
  return { g, loss: g.reduceMean(y), weights, biases };
}

/** Names of the nodes that the backward pass adds. */
function gradientNodes(pick: (n: ReturnType<typeof network>) => readonly Value[]): string[] {
  const n = network();
  const forward = n.g.nodes.length;
  differentiate(n.g, n.loss, pick(n));
  return n.g.nodes.slice(forward).map((node) => node.name);
}

describe("a parameter that is not listed", () => {
  test("adds no nodes for the layers before the first trained one", () => {
    const names = gradientNodes(({ weights, biases }) => [weights[1], biases[1]]);
    expect(names.filter((name) => name.startsWith("grad.first") || name.startsWith("grad.Relu"))).toEqual([]);
  });

  test("leaves the backward pass of the others as it is", () => {
    const all = gradientNodes(({ weights, biases }) => [...weights, ...biases]);
    const lastOnly = gradientNodes(({ weights, biases }) => [weights[1], biases[1]]);
    // The product with the second weights, on the way to the first layer, is gone.
    const inSecond = (name: string) => name.startsWith("grad.second");
    expect(lastOnly.filter(inSecond).length).toBe(all.filter(inSecond).length - 1);
  });

  test("adds no nodes for its own gradient either", () => {
    const withBias = gradientNodes(({ weights, biases }) => [weights[0], biases[0]]);
    const without = gradientNodes(({ weights }) => [weights[0]]);
    expect(withBias).toEqual(expect.arrayContaining(without));
    expect(without.length).toBeLessThan(withBias.length);
  });
});
