import { arrayOf, boolean, type Checks, integer } from "lrfind/core";
import {
  check,
  checkOnnxOptions,
  dtype as dtypeCheck,
  ints as intsCheck,
  isValue,
  operand,
  shape as shapeCheck,
  value as valueCheck,
} from "../checks.js";
import { ownInputs } from "../passes/own-inputs.js";
import { rewrites } from "../passes/rewrites/index.js";
import type { Attribute, Value } from "./graph.js";
import { NodeList } from "./node-list.js";
import type { DType } from "./tensor.js";
import { sizeOf } from "./tensor.js";

/** A value, or a number that becomes a constant of the other operand's element type. */
export type Operand = Value | number;

const KEEP_DIMS: Checks<{ readonly keepDims?: boolean }> = { keepDims: boolean };
const INT = integer();
const SOME_VALUES = arrayOf(valueCheck, { minLength: 1 });
/**
 * Builds a graph, node by node, with every value's element type and shape known at once.
 *
 * Methods named after operators add one node and return its output; numbers stand for scalar constants.
 *
 * @example
 * ```ts
 * const g = new GraphBuilder();
 * const x = g.input("x", "float32", [2, 3]);
 * const y = g.add(g.mul(x, 2), 1);
 * const graph = g.build({ y });
 * ```
 */
export class GraphBuilder extends NodeList {
  constructor() {
    super({ forms: rewrites, finishing: ownInputs });
  }

  add(a: Operand, b: Operand): Value {
    return this.#binary("Add", a, b);
  }
  sub(a: Operand, b: Operand): Value {
    return this.#binary("Sub", a, b);
  }
  mul(a: Operand, b: Operand): Value {
    return this.#binary("Mul", a, b);
  }
  div(a: Operand, b: Operand): Value {
    return this.#binary("Div", a, b);
  }
  pow(a: Operand, b: Operand): Value {
    return this.#binary("Pow", a, b);
  }
  greater(a: Operand, b: Operand): Value {
    return this.#binary("Greater", a, b);
  }
  less(a: Operand, b: Operand): Value {
    return this.#binary("Less", a, b);
  }
  equal(a: Operand, b: Operand): Value {
    return this.#binary("Equal", a, b);
  }
  max(a: Operand, b: Operand): Value {
    return this.#binary("Max", a, b);
  }
  min(a: Operand, b: Operand): Value {
    return this.#binary("Min", a, b);
  }
  neg(x: Value): Value {
    return this.op("Neg", [x]);
  }
  exp(x: Value): Value {
    return this.op("Exp", [x]);
  }
  log(x: Value): Value {
    return this.op("Log", [x]);
  }
  sqrt(x: Value): Value {
    return this.op("Sqrt", [x]);
  }
  tanh(x: Value): Value {
    return this.op("Tanh", [x]);
  }
  sigmoid(x: Value): Value {
    return this.op("Sigmoid", [x]);
  }
  matmul(a: Value, b: Value): Value {
    return this.op("MatMul", [a, b]);
  }
  where(condition: Value, a: Operand, b: Operand): Value {
    const dtype = isValue(a) ? a.dtype : isValue(b) ? b.dtype : "float32";
    return this.op("Where", [condition, this.#operand(a, dtype), this.#operand(b, dtype)]);
  }

  /** Converts the element type; the value itself where it has it already. */
  cast(x: Value, dtype: DType): Value {
    check("cast", "x", x, valueCheck);
    check("cast", "dtype", dtype, dtypeCheck);
    return x.dtype === dtype ? x : this.op("Cast", [x], { to: dtype });
  }

  /** Permutes the dimensions: output dimension `i` is input dimension `perm[i]`. */
  transpose(x: Value, perm: readonly number[]): Value {
    check("transpose", "x", x, valueCheck);
    check("transpose", "perm", perm, intsCheck);
    return perm.length === x.shape.length && perm.every((p, i) => p === i)
      ? x
      : this.op("Transpose", [x], { perm });
  }

  /** Gives the same elements another shape; the value itself where it has it already. */
  reshape(x: Value, shape: readonly number[]): Value {
    check("reshape", "x", x, valueCheck);
    check("reshape", "shape", shape, intsCheck);
    if (shape.length === x.shape.length && shape.every((d, i) => d === x.shape[i])) return x;
    return this.op("Reshape", [x, this.ints(shape)]);
  }

  /** Repeats along dimensions of size 1 until the shape is `shape`. */
  expand(x: Value, shape: readonly number[]): Value {
    check("expand", "x", x, valueCheck);
    check("expand", "shape", shape, shapeCheck);
    if (shape.length === x.shape.length && shape.every((d, i) => d === x.shape[i])) return x;
    return this.op("Expand", [x, this.ints(shape)]);
  }

  /** Sums over `axes` (all of them by default), which are kept with size 1 where `keepDims` says so. */
  reduceSum(x: Value, axes?: readonly number[], options: { readonly keepDims?: boolean } = {}): Value {
    return this.#reduce("ReduceSum", x, axes, options);
  }

  /** Averages over `axes` (all of them by default). */
  reduceMean(x: Value, axes?: readonly number[], options: { readonly keepDims?: boolean } = {}): Value {
    return this.#reduce("ReduceMean", x, axes, options);
  }

  /** Elements `starts[i]` up to but without `ends[i]`, every `steps[i]`-th, along `axes[i]`. */
  slice(
    x: Value,
    starts: readonly number[],
    ends: readonly number[],
    axes: readonly number[],
    steps?: readonly number[],
  ): Value {
    const inputs = [x, this.ints(starts), this.ints(ends), this.ints(axes)];
    return this.op("Slice", steps ? [...inputs, this.ints(steps)] : inputs);
  }

  /** Joins values along an axis; the value itself where there is one only. */
  concat(values: readonly Value[], axis: number): Value {
    check("concat", "values", values, SOME_VALUES);
    check("concat", "axis", axis, INT);
    return values.length === 1 ? values[0]! : this.op("Concat", values, { axis });
  }

  /** Zeros of a shape. */
  zeros(shape: readonly number[], dtype: DType = "float32"): Value {
    check("zeros", "shape", shape, shapeCheck);
    return this.expand(this.scalar(0, dtype), shape);
  }

  #binary(opType: string, a: Operand, b: Operand): Value {
    check(opType, "a", a, operand);
    check(opType, "b", b, operand);
    const dtype = isValue(a) ? a.dtype : isValue(b) ? b.dtype : "float32";
    return this.op(opType, [this.#operand(a, dtype), this.#operand(b, dtype)]);
  }

  #operand(x: Operand, dtype: DType): Value {
    return typeof x === "number" ? this.scalar(x, dtype) : x;
  }

  #reduce(
    opType: "ReduceSum" | "ReduceMean",
    x: Value,
    axes: readonly number[] | undefined,
    options: { readonly keepDims?: boolean },
  ): Value {
    const where = opType === "ReduceSum" ? "reduceSum" : "reduceMean";
    check(where, "x", x, valueCheck);
    if (axes !== undefined) check(where, "axes", axes, intsCheck);
    checkOnnxOptions(where, options, KEEP_DIMS);
    const { keepDims = false } = options;
    if (axes?.length === 0) return x;
    const attributes: Record<string, Attribute> = { keepdims: keepDims ? 1 : 0 };
    return this.op(opType, axes ? [x, this.ints(axes)] : [x], attributes);
  }
}

/** The number of elements of a value. @throws {OnnxError} when it is none. */
export function sizeOfValue(value: Value): number {
  check("sizeOfValue", "value", value, valueCheck);
  return sizeOf(value.shape);
}
