import {
  arrayOf,
  type Check,
  type Checks,
  checkArgument,
  checkOptions,
  didYouMean,
  type Fail,
  instanceOf,
  made,
  oneOf,
  string,
} from "lrfind/core";
import { OnnxError } from "./errors.js";
import type { FileNode, FileValue, ModelFile } from "./file/model-file.js";
import type { AttributeType, Graph, Node, Value } from "./graph/graph.js";
import type { Target } from "./graph/target.js";
import { DTYPES, type DType, isDType, type Tensor } from "./graph/tensor.js";

/** Throws an `OnnxError` for an argument that cannot be used. */
export const refuse: Fail = (problem) => {
  throw new OnnxError(problem);
};

/** Checks one argument of the graph's room. */
export function check(where: string, name: string, value: unknown, expected: Check): void {
  // Without a message, and without its parts, where all is well: graphs have thousands of nodes.
  if (!expected.accepts(value)) checkArgument(where, name, value, expected, refuse);
}

/** Checks options of the graph's room. */
export function checkOnnxOptions<T extends object>(where: string, options: unknown, checks: Checks<T>): void {
  checkOptions<T>(where, options, checks, refuse);
}

/** A shape: the sizes of the dimensions. */
export const shape: Check = {
  expected: "a shape, an array of whole numbers from 0 up",
  accepts: (value) =>
    Array.isArray(value) && value.every((dim) => Number.isSafeInteger(dim) && dim >= 0) && !hasHoles(value),
};

/** An element type. */
export const dtype: Check = {
  expected: `an element type (${DTYPES.join(", ")})`,
  accepts: (value) => typeof value === "string" && isDType(value),
  hint: (value) => {
    const meant = typeof value === "string" ? didYouMean(value, [...DTYPES]) : undefined;
    return meant === undefined ? undefined : `"${meant}"`;
  },
};

/** A tensor: element type, shape, and as many elements. */
export const tensorCheck: Check = {
  expected: "a tensor",
  accepts: isTensor,
  hint: () => 'tensor("float32", [2], [1, 2])',
};

/** A value of a graph, as a builder's methods give it. */
export const value: Check = { expected: "a value of the graph", accepts: isValue };

/** A value, or a number that becomes a constant. */
export const operand: Check = {
  expected: "a value of the graph or a number",
  accepts: (x) => typeof x === "number" || isValue(x),
};

/** Whole numbers: axes, starts, ends. */
export const ints: Check = {
  expected: "an array of whole numbers",
  accepts: (x) => Array.isArray(x) && !hasHoles(x) && x.every(Number.isSafeInteger),
};

/** Bytes of a file. */
export const bytes: Check = {
  ...instanceOf(Uint8Array),
  hint: (x) => (typeof x === "string" ? `await readFile(${JSON.stringify(x.slice(0, 40))})` : undefined),
};

/** The provider that a graph is built for. */
export const target: Check = oneOf(
  "cpu" satisfies Target,
  "wasm" satisfies Target,
  "webgpu" satisfies Target,
);

/** A graph in the making. By its methods, not its class: the class reads this file. */
export const builder: Check = made("a GraphBuilder", ["node", "op", "build"], "new GraphBuilder()");

/** What `GraphBuilder.build` gives. */
export function checkGraph(where: string, graph: unknown): asserts graph is Graph {
  check(where, "graph", graph, GRAPH);
  const { nodes } = graph as Graph;
  for (let i = 0; i < nodes.length; i++) check(where, `graph.nodes[${i}]`, nodes[i], NODE);
}

/** What `decodeModel` gives. */
export function checkModelFile(where: string, file: unknown): asserts file is ModelFile {
  check(where, "model", file, MODEL_FILE);
  const { nodes } = file as ModelFile;
  for (let i = 0; i < nodes.length; i++) check(where, `model.nodes[${i}]`, nodes[i], fileNode);
}

/** Inputs or outputs of a node. */
export const optionalValues: Check = {
  expected: "an array of values of the graph, null where one is absent",
  accepts: (x) => Array.isArray(x) && !hasHoles(x) && x.every((part) => part === null || isValue(part)),
};

const ATTRIBUTE_TYPES: readonly AttributeType[] = [
  ...(["FLOAT", "INT", "STRING", "TENSOR"] as const),
  ...(["FLOATS", "INTS", "STRINGS"] as const),
];

/** Attributes by name: numbers, texts, tensors, or arrays of numbers or texts. */
export const attributes: Check = {
  expected: "attributes by name, each a number, a text, a tensor, or an array of numbers or texts",
  accepts: (x) => isRecord(x) && Object.values(x).every(isAttribute),
};

/** Types of attributes by name. */
export const attributeTypes: Check = {
  expected: `types of attributes by name, each one of ${ATTRIBUTE_TYPES.join(", ")}`,
  accepts: (x) =>
    isRecord(x) && Object.values(x).every((type) => ATTRIBUTE_TYPES.includes(type as AttributeType)),
};

/** Arrays of values. */
export const values: Check = arrayOf(value);

/** A name that is not empty. */
export const name: Check = {
  expected: "a name, a string that is not empty",
  accepts: (x) => typeof x === "string" && x !== "",
};

/** Options of which only a name is one. */
export const NAME_OPTIONS: Checks<{ readonly name?: string }> = { name: string };

const GRAPH: Check = {
  expected: "a graph",
  accepts: (x) =>
    isRecord(x) &&
    typeof x["name"] === "string" &&
    values.accepts(x["inputs"]) &&
    values.accepts(x["outputs"]) &&
    values.accepts(x["constants"]) &&
    (x["constants"] as Value[]).every(({ constant }) => isTensor(constant)) &&
    Array.isArray(x["nodes"]),
  hint: () => "GraphBuilder's build()",
};

const NODE: Check = {
  expected: "a node",
  accepts: (x) => isNode(x) && optionalValues.accepts(x.inputs) && optionalValues.accepts(x.outputs),
};

const MODEL_FILE: Check = {
  expected: "a model file",
  accepts: (x) =>
    isRecord(x) &&
    ["file", "producer", "graphName"].every((field) => typeof x[field] === "string") &&
    Number.isSafeInteger(x["opset"]) &&
    [x["inputs"], x["outputs"]].every((list) => Array.isArray(list) && list.every(isFileValue)) &&
    (x["outputs"] as unknown[]).length > 0 &&
    x["initializers"] instanceof Map &&
    [...x["initializers"]].every(([key, contents]) => typeof key === "string" && isTensor(contents)) &&
    Array.isArray(x["nodes"]),
  hint: () => "decodeModel's result",
};

/** A node of a file. */
export const fileNode: Check = {
  expected: "a node",
  accepts: (x) => isNode(x) && [x.inputs, x.outputs].every((list) => arrayOf(string).accepts(list)),
};

function isNode(x: unknown): x is Node | FileNode {
  return (
    isRecord(x) &&
    ["name", "opType", "domain"].every((field) => typeof x[field] === "string") &&
    attributes.accepts(x["attributes"])
  );
}

function isFileValue(x: unknown): x is FileValue {
  return (
    isRecord(x) &&
    typeof x["name"] === "string" &&
    (x["dtype"] === null || dtype.accepts(x["dtype"])) &&
    (x["shape"] === null ||
      (Array.isArray(x["shape"]) &&
        x["shape"].every(
          (dim) => dim === null || typeof dim === "string" || (Number.isSafeInteger(dim) && dim >= 0),
        )))
  );
}

/** Whether something is a value of a graph. */
export function isValue(x: unknown): x is Value {
  return (
    isRecord(x) && typeof x["name"] === "string" && dtype.accepts(x["dtype"]) && shape.accepts(x["shape"])
  );
}

function isTensor(x: unknown): x is Tensor {
  if (!isRecord(x) || !dtype.accepts(x["dtype"]) || !shape.accepts(x["shape"])) return false;
  const { data } = x as { data?: unknown };
  if (!ArrayBuffer.isView(data) || data instanceof DataView) return false;
  const size = (x["shape"] as number[]).reduce((a, b) => a * b, 1);
  return (data as Uint8Array).length === size && data.constructor.name === ARRAYS[x["dtype"] as DType];
}

/** By name: an array may be of another realm. */
const ARRAYS: Readonly<Record<DType, string>> = {
  float32: "Float32Array",
  float64: "Float64Array",
  int8: "Int8Array",
  uint8: "Uint8Array",
  int16: "Int16Array",
  uint16: "Uint16Array",
  int32: "Int32Array",
  uint32: "Uint32Array",
  int64: "BigInt64Array",
  uint64: "BigUint64Array",
  bool: "Uint8Array",
};

function isAttribute(x: unknown): boolean {
  if (typeof x === "number" || typeof x === "string") return true;
  if (!Array.isArray(x)) return isRecord(x);
  return (
    !hasHoles(x) &&
    (x.every((part) => typeof part === "number") ||
      x.every((part) => typeof part === "string" || part instanceof Uint8Array))
  );
}

function isRecord(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}

/** `every` passes over holes. */
function hasHoles(list: readonly unknown[]): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] === undefined) return true;
  return false;
}
