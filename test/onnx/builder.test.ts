import { describe, expect, test } from "vitest";
import { GraphBuilder, printGraph, tensor } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";

describe("GraphBuilder.build", () => {
  test("names outputs where they are made, and keeps what leads to them", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 3]);
    const doubled = g.mul(x, 2);
    g.exp(doubled);
    expect(printGraph(g.build({ doubled, more: g.add(doubled, 1) }))).toMatchInlineSnapshot(`
      "graph lrfind
        input  x: float32[2, 3]
        doubled: float32[2, 3] = Mul(x, 2)
        more: float32[2, 3] = Add(doubled, 1)
        output doubled: float32[2, 3]
        output more: float32[2, 3]"
    `);
  });

  test("lets an input, a constant, and one value under two names be outputs", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const y = g.neg(x);
    await using session = await createSession(g.build({ same: x, one: g.scalar(1), y1: y, y2: y }));
    const results = await session.run({ x: tensor("float32", [2], [1, 2]) });
    expect([...results["same"]!.data]).toEqual([1, 2]);
    expect([...results["one"]!.data]).toEqual([1]);
    expect([...results["y1"]!.data]).toEqual([-1, -2]);
    expect([...results["y2"]!.data]).toEqual([-1, -2]);
  });

  test("refuses an output name that is taken", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    expect(() => g.build({ x: g.neg(x) })).toThrow('build: the output name "x" is already taken');
    expect(() => g.input("x", "float32", [2])).toThrow('the name "x" is already taken');
  });

  test("shares equal small constants, but not 0 and -0", () => {
    const g = new GraphBuilder();
    expect(g.scalar(1)).toBe(g.scalar(1));
    expect(g.scalar(0)).not.toBe(g.scalar(-0));
    expect(g.ints([1])).not.toBe(g.constant(tensor("int32", [1], [1])));
  });
});
