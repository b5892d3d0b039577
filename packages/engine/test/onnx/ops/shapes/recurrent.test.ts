import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../../../src/onnx/index.js";

function shapesOf(op: string, gates: number, direction: string, outputs: number) {
  const g = new GraphBuilder();
  const directions = direction === "bidirectional" ? 2 : 1;
  const x = g.input("x", "float32", [7, 2, 3]);
  const w = g.input("w", "float32", [directions, gates * 5, 3]);
  const r = g.input("r", "float32", [directions, gates * 5, 5]);
  return g.node(op, [x, w, r], { hidden_size: 5, direction }, { outputs }).map((value) => value.shape);
}

describe("shapes of recurrent operators", () => {
  test("LSTM gives all hidden states and the last hidden and cell state", () => {
    expect(shapesOf("LSTM", 4, "forward", 3)).toEqual([
      [7, 1, 2, 5],
      [1, 2, 5],
      [1, 2, 5],
    ]);
  });

  test("GRU in both directions", () => {
    expect(shapesOf("GRU", 3, "bidirectional", 2)).toEqual([
      [7, 2, 2, 5],
      [2, 2, 5],
    ]);
  });

  test("RNN backwards, all hidden states only", () => {
    expect(shapesOf("RNN", 1, "reverse", 1)).toEqual([[7, 1, 2, 5]]);
  });

  test("refuses weights of another number of gates", () => {
    expect(() => shapesOf("LSTM", 3, "forward", 1)).toThrow("4 hidden");
  });

  test("refuses weights of another number of directions", () => {
    const g = new GraphBuilder();
    const [x, w, r] = [
      [7, 2, 3],
      [1, 5, 3],
      [1, 5, 5],
    ].map((shape, i) => g.input(`x${i}`, "float32", shape));
    expect(() => g.op("RNN", [x!, w!, r!], { direction: "bidirectional" })).toThrow("2 direction(s)");
  });
});
