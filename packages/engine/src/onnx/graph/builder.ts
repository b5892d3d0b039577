import { arrayOf, boolean, type Check, type Checks, either, func, integer, oneOf, string } from "lrfind/core";
import {
  attributes as attributesCheck,
  attributeTypes as attributeTypesCheck,
  check,
  checkOnnxOptions,
  dtype as dtypeCheck,
  ints as intsCheck,
  isValue,
  NAME_OPTIONS,
  name as nameCheck,
  operand,
  optionalValues,
  shape as shapeCheck,
  tensorCheck,
  value as valueCheck,
  values as valuesCheck,
} from "../checks.js";
import { OnnxError } from "../errors.js";
import { inferShapes } from "../ops/shapes.js";
import { withOwnInputs } from "../passes/own-inputs.js";
import { rewrites } from "../passes/rewrites/index.js";
import type { Attribute, Attributes, AttributeType, Graph, Node, Value } from "./graph.js";
import type { DType, Tensor } from "./tensor.js";
import { sizeOf, tensor } from "./tensor.js";

/** A value, or a number that becomes a constant of the other operand's element type. */
export type Operand = Value | number;

/** Details of a node that the builder cannot know by itself. */
export interface NodeOptions {
  /** Name of the node and, with a suffix, of its outputs. Default: the operator's name, numbered. */
  readonly name?: string;
  /** ONNX domain. Default: "" (ai.onnx). */
  readonly domain?: string;
  /** How many outputs the node has. Default: 1. */
  readonly outputs?: number;
  /** Element types and shapes of the outputs, for operators without a shape rule (imported nodes). */
  readonly types?: readonly ({ readonly dtype: DType; readonly shape: readonly number[] } | null)[];
  /**
   * What attributes are written as. Default: what ONNX's schema says; for operators of other domains whole numbers as
   * INT or INTS, others as FLOAT or FLOATS.
   */
  readonly attributeTypes?: Readonly<Record<string, AttributeType>>;
}

const TYPE: Check = {
  expected: "an element type and a shape",
  accepts: (type) => {
    const { dtype, shape } = (type ?? {}) as { dtype?: unknown; shape?: unknown };
    return dtypeCheck.accepts(dtype) && shapeCheck.accepts(shape);
  },
};
const NODE_OPTIONS: Checks<NodeOptions> = {
  name: nameCheck,
  domain: string,
  outputs: integer({ min: 1, max: 4096 }),
  types: arrayOf(either(TYPE, oneOf(null)), { minLength: 1 }),
  attributeTypes: attributeTypesCheck,
};
const KEEP_DIMS: Checks<{ readonly keepDims?: boolean }> = { keepDims: boolean };
const INT = integer();
const OUTPUTS: Check = {
  expected: "values of the graph by name",
  accepts: (outputs) =>
    typeof outputs === "object" &&
    outputs !== null &&
    !Array.isArray(outputs) &&
    valuesCheck.accepts(Object.values(outputs)),
  hint: (outputs) => (isValue(outputs) ? "{ y }" : undefined),
};
const SOME_VALUES = arrayOf(valueCheck, { minLength: 1 });
const NAMED: Check = {
  expected: "a node of this graph",
  accepts: (node) => typeof (node as Node | null | undefined)?.name === "string",
};

/** Constants up to this many elements are shared when they are equal. */
const SHARED_CONSTANT_SIZE = 64;

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
 * const graph = g.build([y], { y });
 * ```
 */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly #constants = new Map<string, Value>();
  readonly #shared = new Map<string, Value>();
  readonly #names = new Set<string>();
  readonly #counters = new Map<string, number>();
  #scope = "";

  /**
   * Declares an input of the graph.
   *
   * @throws {OnnxError} when the name is taken, or an argument is not what it should be (as by all methods).
   */
  input(name: string, dtype: DType, shape: readonly number[]): Value {
    check("input", "name", name, nameCheck);
    check("input", "dtype", dtype, dtypeCheck);
    check("input", "shape", shape, shapeCheck);
    if (this.#names.has(name)) throw new OnnxError(`input: the name "${name}" is already taken`);
    this.#names.add(name);
    const value: Value = { name, dtype, shape };
    this.inputs.push(value);
    return value;
  }

  /** A tensor that is part of the graph. Small equal tensors are one. */
  constant(contents: Tensor, name = "const"): Value {
    check("constant", "contents", contents, tensorCheck);
    check("constant", "name", name, nameCheck);
    const key =
      contents.data.length <= SHARED_CONSTANT_SIZE
        ? `${contents.dtype}[${contents.shape}]${Array.from(contents.data as ArrayLike<number>, keyOf)}`
        : undefined;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known) return known;
    const value: Value = {
      name: this.#unique(name),
      dtype: contents.dtype,
      shape: contents.shape,
      constant: contents,
    };
    this.#constants.set(value.name, value);
    if (key !== undefined) this.#shared.set(key, value);
    return value;
  }

  /** A constant that is made once for all who ask for it by the same key. */
  constantOnce(key: string, make: () => Tensor, name = "const"): Value {
    check("constantOnce", "key", key, string);
    check("constantOnce", "make", make, func);
    const value = this.#shared.get(key) ?? this.constant(make(), name);
    this.#shared.set(key, value);
    return value;
  }

  /** A scalar constant. */
  scalar(value: number, dtype: DType = "float32"): Value {
    return this.constant(tensor(dtype, [], [value]));
  }

  /** A constant list of 64-bit integers, as ONNX takes shapes and axes. */
  ints(values: readonly number[]): Value {
    check("ints", "values", values, intsCheck);
    return this.constant(tensor("int64", [values.length], values));
  }

  /** Runs `body` with `name.` put before the names of all nodes and values that it makes. */
  scope<T>(name: string, body: () => T): T {
    check("scope", "name", name, string);
    check("scope", "body", body, func);
    const outer = this.#scope;
    this.#scope = `${outer}${name}.`;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  /**
   * Adds a node of any operator and returns its outputs.
   *
   * @param opType - ONNX operator.
   * @param inputs - Null where an optional input is absent.
   * @throws {OnnxError} when the inputs do not fit the operator, or the operator has no shape rule and
   *   `options.types` is not given.
   */
  node(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    options: NodeOptions = {},
  ): Value[] {
    check("node", "opType", opType, nameCheck);
    check(opType, "inputs", inputs, optionalValues);
    check(opType, "attributes", attributes, attributesCheck);
    checkOnnxOptions(opType, options, NODE_OPTIONS);
    const name = this.#unique(options.name ?? opType);
    const domain = options.domain ?? "";
    const count = options.outputs ?? options.types?.length ?? 1;
    const asked = { opType, name, inputs, attributes, outputCount: count };
    const types = options.types ?? inferShapes(asked);
    const rewrite = domain === "" ? rewrites[opType] : undefined;
    const written = rewrite ? this.scope(options.name ?? opType, () => rewrite(this, asked)) : asked;
    const outputs = types.slice(0, count).map((type, i) => {
      if (type === null) return null;
      const { dtype, shape } = type;
      return { name: this.#unique(i === 0 ? `${name}:0` : `${name}:${i}`, false), dtype, shape };
    });
    const { attributeTypes } = options;
    const { outputCount: _, ...node } = written;
    // The types are of the attributes that were given, which a node written otherwise has no more.
    const typed = attributeTypes && written === asked ? { attributeTypes } : {};
    this.nodes.push({ ...node, domain, outputs, ...typed });
    return outputs as Value[];
  }

  /** Adds a node of any operator with one output. */
  op(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    options: NodeOptions = {},
  ): Value {
    return this.node(opType, inputs, attributes, options)[0]!;
  }

  /**
   * Asks a node that was added earlier for its operator's optional outputs, such as the Indices of a MaxPool.
   *
   * @param count - How many outputs the node is to have at least.
   * @returns All outputs; those the node had already stay the same values.
   */
  extendOutputs(node: Node, count: number): Value[] {
    check("extendOutputs", "node", node, NAMED);
    check("extendOutputs", "count", count, integer({ min: 1, max: 4096 }));
    const index = this.nodes.findIndex(({ name }) => name === node.name);
    const present = this.nodes[index];
    if (!present) throw new OnnxError(`extendOutputs: expected a node of this graph, got "${node.name}"`);
    const { opType, name, inputs, attributes } = present;
    const types = inferShapes({ opType, name, inputs, attributes, outputCount: count });
    const outputs = types.slice(0, Math.max(count, present.outputs.length)).map((type, i) => {
      const known = present.outputs[i];
      if (known || type === null) return known ?? null;
      return { name: this.#unique(`${name}:${i}`, false), ...type };
    });
    this.nodes[index] = { ...present, outputs };
    return outputs as Value[];
  }

  /** Has the node that was added last yield these values in place of its own: those that a replaced node yielded. */
  yieldLast(outputs: readonly (Value | null)[]): void {
    check("yieldLast", "outputs", outputs, optionalValues);
    const last = this.nodes.pop();
    if (!last) throw new OnnxError("yieldLast: expected a node to be added before, got none");
    this.nodes.push({ ...last, outputs });
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

  /**
   * Finishes the graph: keeps what leads to the outputs and gives these their names. Nodes that would write over an input
   * (see `withOwnInputs`) get a copy of it.
   *
   * @param outputs - Graph outputs by the name they are to have.
   * @throws {OnnxError} when a name is taken.
   * @param options.name - Name of the graph. Default: "lrfind".
   */
  build(outputs: Readonly<Record<string, Value>>, options: { readonly name?: string } = {}): Graph {
    check("build", "outputs", outputs, OUTPUTS);
    checkOnnxOptions("build", options, NAME_OPTIONS);
    const copies: Node[] = [];
    const named: Value[] = [];
    const renamed = new Map<Value, Value>();
    const produced = new Set(this.nodes.flatMap((node) => node.outputs));
    for (const [name, value] of Object.entries(outputs)) {
      if (name !== value.name && this.#names.has(name)) {
        throw new OnnxError(`build: the output name "${name}" is already taken`);
      }
      const output: Value = { name, dtype: value.dtype, shape: value.shape };
      named.push(output);
      if (produced.has(value) && !renamed.has(value)) {
        // Giving the value its new name where it is made costs nothing; an Identity node would copy it.
        renamed.set(value, output);
      } else if (name !== value.name) {
        copies.push(identity(value, output));
      }
    }
    const rename = (value: Value | null) => (value && renamed.get(value)) ?? value;
    const nodes = [...withOwnInputs(this), ...copies].map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    }));
    const wanted = new Set(named.map((value) => value.name));
    const kept: Node[] = [];
    for (const node of nodes.reverse()) {
      if (!node.outputs.some((output) => output && wanted.has(output.name))) continue;
      for (const input of node.inputs) if (input) wanted.add(input.name);
      kept.push(node);
    }
    const constants = [...this.#constants.values()].filter((value) => wanted.has(value.name));
    return {
      name: options.name ?? "lrfind",
      inputs: this.inputs,
      outputs: named,
      constants,
      nodes: kept.reverse(),
    };
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

  #unique(base: string, scoped = true): string {
    const wanted = scoped ? `${this.#scope}${base}` : base;
    if (!this.#names.has(wanted)) {
      this.#names.add(wanted);
      return wanted;
    }
    for (let n = (this.#counters.get(wanted) ?? 0) + 1; ; n++) {
      const name = `${wanted}_${n}`;
      if (this.#names.has(name)) continue;
      this.#counters.set(wanted, n);
      this.#names.add(name);
      return name;
    }
  }
}

/** A node that gives an input, a constant, or a value with a name already, the name of an output. */
function identity(value: Value, output: Value): Node {
  const name = `output:${output.name}`;
  return { name, opType: "Identity", domain: "", inputs: [value], outputs: [output], attributes: {} };
}

/** Tells 0 from -0, which are equal but not the same constant. */
function keyOf(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The number of elements of a value. @throws {OnnxError} when it is none. */
export function sizeOfValue(value: Value): number {
  check("sizeOfValue", "value", value, valueCheck);
  return sizeOf(value.shape);
}
