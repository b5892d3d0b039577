import { describe, expect, test } from "vitest";
import { GraphBuilder, tensor } from "../../../../src/onnx/index.js";

describe("shapes of operators that make tensors from shapes and numbers", () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 3]);
  const number = (value: number) => g.scalar(value, "int64");

  test("ConstantOfShape takes its element type from its value", () => {
    const value = tensor("int64", [1], [7]);
    expect(g.op("ConstantOfShape", [g.ints([4, 0])], { value })).toMatchObject({
      dtype: "int64",
      shape: [4, 0],
    });
    expect(g.op("ConstantOfShape", [g.ints([4])])).toMatchObject({ dtype: "float32", shape: [4] });
  });

  test("EyeLike is like its input, or of the element type that it is told", () => {
    expect(g.op("EyeLike", [x])).toMatchObject({ dtype: "float32", shape: [2, 3] });
    expect(g.op("EyeLike", [x], { dtype: 7 })).toMatchObject({ dtype: "int64", shape: [2, 3] });
    expect(() => g.op("EyeLike", [g.ints([1])])).toThrow("a matrix");
  });

  test.each([
    [0, 5, 2, 3],
    [5, 0, -1, 5],
    [3, 3, 1, 0],
    [4, 1, 1, 0],
  ])("Range from %i to %i by %i has %i elements", (start, limit, delta, count) => {
    const range = g.op("Range", [number(start), number(limit), number(delta)]);
    expect(range).toMatchObject({ dtype: "int64", shape: [count] });
  });

  test("Shape of a part of the dimensions, and Size", () => {
    expect(g.op("Shape", [x]).shape).toEqual([2]);
    expect(g.op("Shape", [x], { start: -1 }).shape).toEqual([1]);
    expect(g.op("Shape", [x], { start: 0, end: -1 }).shape).toEqual([1]);
    expect(g.op("Size", [x])).toMatchObject({ dtype: "int64", shape: [] });
  });
});
