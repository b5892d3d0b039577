import { describe, expect, test } from "vitest";
import { OptionError } from "../../../../lrfind/src/core/index.js";
import { DTYPES, holds } from "../../../src/onnx/graph/tensor.js";
import type { DType } from "../../../src/onnx/index.js";
import { allocate, isDType, isFloat, sizeOf, tensor } from "../../../src/onnx/index.js";

const arrays: Record<DType, { readonly name: string; readonly bytes: number }> = {
  float32: { name: "Float32Array", bytes: 4 },
  float64: { name: "Float64Array", bytes: 8 },
  int8: { name: "Int8Array", bytes: 1 },
  uint8: { name: "Uint8Array", bytes: 1 },
  int16: { name: "Int16Array", bytes: 2 },
  uint16: { name: "Uint16Array", bytes: 2 },
  int32: { name: "Int32Array", bytes: 4 },
  uint32: { name: "Uint32Array", bytes: 4 },
  int64: { name: "BigInt64Array", bytes: 8 },
  uint64: { name: "BigUint64Array", bytes: 8 },
  bool: { name: "Uint8Array", bytes: 1 },
};

/** The `OptionError` of a call. */
function problemOf(call: () => unknown): OptionError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    return error as OptionError;
  }
  throw new Error("expected an error, got none");
}

describe("element types", () => {
  test("are eleven, each held by its typed array", () => {
    expect([...DTYPES].sort()).toEqual(Object.keys(arrays).sort());
    for (const dtype of DTYPES) {
      const data = allocate(dtype, 3);
      expect(data.constructor.name, dtype).toBe(arrays[dtype].name);
      expect(data.byteLength, dtype).toBe(3 * arrays[dtype].bytes);
      const holders = DTYPES.filter((other) => holds(other, data));
      expect(holders, dtype).toEqual(DTYPES.filter((other) => arrays[other].name === arrays[dtype].name));
      expect(isDType(dtype)).toBe(true);
      expect(isFloat(dtype), dtype).toBe(dtype === "float32" || dtype === "float64");
    }
    expect(["float", "toString", "", 1, null].filter((name) => isDType(name as string))).toEqual([]);
    expect(holds("float32", [1])).toBe(false);
  });
});

describe("sizeOf", () => {
  test.each([
    [[], 1],
    [[0], 0],
    [[2, 3], 6],
    [[4, 0, 5], 0],
    [[Number.MAX_SAFE_INTEGER], Number.MAX_SAFE_INTEGER],
  ])("%j is %i", (shape, size) => {
    expect(sizeOf(shape)).toBe(size);
  });

  test.each([
    [[-1]],
    [[1.5]],
    [["2"]],
    [[Number.NaN]],
    [[2 ** 27, 2 ** 27]],
    [[2, undefined]],
    [new Array(1)],
    [6],
    [null],
    [undefined],
    ["ab"],
  ])("%j is refused", (shape) => {
    const problem = problemOf(() => sizeOf(shape as number[]));
    expect(problem).toMatchObject({ where: "sizeOf", option: "shape", received: shape });
    expect(problem.message).toContain(
      "sizeOf: expected shape to be an array of whole numbers from 0 up, whose product is at most 2^53 - 1, got ",
    );
  });
});

describe("allocate", () => {
  test("gives zeros", () => {
    expect(allocate("float32", 2)).toEqual(new Float32Array(2));
    expect(allocate("int64", 0)).toEqual(new BigInt64Array(0));
  });

  test("refuses what is no type or no length", () => {
    const { message, received } = problemOf(() => allocate("float" as DType, 1));
    expect(message).toBe(
      `allocate: expected dtype to be one of ${DTYPES.join(", ")}, got "float"; try float32`,
    );
    expect(received).toBe("float");
    expect(problemOf(() => allocate(1 as never, 1)).message).not.toContain("try");
    for (const length of [-1, 1.5, Number.NaN, "1", null]) {
      expect(problemOf(() => allocate("bool", length as number))).toMatchObject({
        option: "length",
        received: length,
      });
    }
  });

  test("says so where memory does not suffice", () => {
    const problem = problemOf(() => allocate("float64", 2 ** 52));
    expect(problem.message).toBe(
      "allocate: expected as many elements of float64 as fit into memory, got 4503599627370496; try a smaller shape",
    );
    expect(problem).toMatchObject({ where: "allocate", option: "length", received: 2 ** 52 });
    expect(problem.cause).toBeInstanceOf(RangeError);
  });
});

describe("tensor", () => {
  test.each(DTYPES.map((dtype) => ({ dtype })))(
    "of $dtype converts numbers, big integers and truths",
    ({ dtype }) => {
      const { data, shape } = tensor(dtype, [3], [1, 0n, true] as unknown as number[]);
      expect(data.constructor.name).toBe(arrays[dtype].name);
      expect(Array.from(data as ArrayLike<number | bigint>, Number)).toEqual([1, 0, 1]);
      expect(shape).toEqual([3]);
    },
  );

  test("keeps a typed array of the right kind, and copies one of another", () => {
    const data = Float32Array.of(1.5, 2);
    expect(tensor("float32", [2], data).data).toBe(data);
    expect(tensor("float64", [2], data as never).data).toEqual(Float64Array.of(1.5, 2));
    expect(tensor("float32", [], [Number.NaN]).data).toEqual(Float32Array.of(Number.NaN));
  });

  test.each<[string, DType, unknown, unknown, string]>([
    ["type", "float" as DType, [1], [1], "expected dtype to be one of"],
    ["count", "float32", [2, 2], [1, 2, 3], "tensor: expected 4 values for shape [2, 2], got 3"],
    [
      "count of a typed array",
      "float32",
      [2],
      new Float32Array(3),
      "tensor: expected 2 values for shape [2], got 3",
    ],
    ["fraction", "int32", [2], [1, 1.5], "tensor: expected whole numbers for int32, got 1.5 at index 1"],
    ["NaN", "int64", [1], [Number.NaN], "tensor: expected whole numbers for int64, got NaN at index 0"],
    ["infinity", "bool", [1], [Infinity], "tensor: expected whole numbers for bool, got Infinity at index 0"],
    ["text", "float32", [2], [1, "2"], 'tensor: expected numbers for float32, got "2" at index 1'],
    ["nothing", "float32", [1], [null], "tensor: expected numbers for float32, got null at index 0"],
    [
      "text for whole numbers",
      "int8",
      [1],
      ["2"],
      'tensor: expected whole numbers for int8, got "2" at index 0',
    ],
    [
      "no array",
      "float32",
      [1],
      1,
      "tensor: expected values to be an array of numbers or a typed array, got 1",
    ],
    [
      "a view without elements",
      "uint8",
      [1],
      new DataView(new ArrayBuffer(1)),
      "tensor: expected values to be an array",
    ],
    ["absent", "float32", [1], undefined, "tensor: expected values to be an array"],
    ["shape", "float32", [-1], [1], "sizeOf: expected shape to be"],
  ])("refuses a wrong %s", (_, dtype, shape, values, message) => {
    const problem = problemOf(() => tensor(dtype, shape as number[], values as number[]));
    expect(problem.message).toContain(message);
    if (message.startsWith("tensor: expected "))
      expect(problem).toMatchObject({ where: "tensor", option: "values" });
  });

  test("the error has the value that was received", () => {
    expect(problemOf(() => tensor("int8", [2], [1, 2.5])).received).toBe(2.5);
    const values = [1, 2, 3];
    expect(problemOf(() => tensor("int8", [2], values)).received).toBe(values);
  });
});
