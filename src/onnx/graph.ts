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
 * An attribute of a node. ONNX tells integers from floats by type; here a number is written as FLOAT when the
 * attribute's name is one of ONNX's float attributes (`isFloatAttribute`), as INT otherwise.
 */
export type Attribute = number | string | Tensor | readonly number[] | readonly string[];

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

const floatAttributes = new Set([
  "activation_alpha",
  "activation_beta",
  "alpha",
  "beta",
  "bias",
  "clip",
  "cubic_coeff_a",
  "epsilon",
  "extrapolation_value",
  "gamma",
  "high",
  "lambd",
  "low",
  "max",
  "mean",
  "min",
  "momentum",
  "ratio",
  "scale",
  "scales",
  "seed",
  "spatial_scale",
  "threshold",
  "value",
  "value_float",
  "value_floats",
]);

/** Whether ONNX types the attribute of this name as FLOAT or FLOATS. */
export function isFloatAttribute(name: string): boolean {
  return floatAttributes.has(name);
}
