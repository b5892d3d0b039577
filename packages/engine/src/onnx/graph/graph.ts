import type { DType, Tensor } from "./tensor.js";

/** A named tensor of a graph, with its element type and static shape. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The contents, where they are known when the graph is built. */
  readonly constant?: Tensor;
}

/**
 * An attribute of a node. ONNX tells integers from floats by type: a node that was read from a file has them in
 * `attributeTypes`, for others the operator's schema says. Texts that are no UTF-8 are bytes.
 */
export type Attribute =
  | number
  | string
  | Uint8Array
  | Tensor
  | readonly number[]
  | readonly (string | Uint8Array)[];

/** The types of attributes that lrfind reads and writes, by ONNX's names. */
export type AttributeType = "FLOAT" | "INT" | "STRING" | "TENSOR" | "FLOATS" | "INTS" | "STRINGS";

/** Attributes by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** One operation of a graph. */
export interface Node {
  readonly name: string;
  readonly opType: string;
  /** Empty for ONNX's own operators, "com.microsoft" for ONNX Runtime's contributed ones. */
  readonly domain: string;
  /** Null where an optional input is absent. */
  readonly inputs: readonly (Value | null)[];
  /** Null where an optional output is not wanted. */
  readonly outputs: readonly (Value | null)[];
  readonly attributes: Attributes;
  /** What the attributes are written as. Default: what the operator's schema says. */
  readonly attributeTypes?: Readonly<Record<string, AttributeType>>;
}

/** A computation: nodes in topological order, ready to be written as an ONNX model. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Values with known contents that the nodes use. */
  readonly constants: readonly Value[];
  readonly nodes: readonly Node[];
}

/** ONNX operator set that our graphs are written in. GroupNormalization has its per-channel scale since 21. */
export const OPSET = 21;
