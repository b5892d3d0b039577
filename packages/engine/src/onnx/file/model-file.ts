import type { Attributes, AttributeType } from "../graph/graph.js";
import type { DType, Tensor } from "../graph/tensor.js";

/** A dimension as a file states it: a size, a name that stands for any size ("batch"), or null where it says nothing. */
export type FileDim = number | string | null;

/** A declared input or output of a model file. */
export interface FileValue {
  readonly name: string;
  /** Null where the file states no tensor type. */
  readonly dtype: DType | null;
  /** Null where the file states no rank. */
  readonly shape: readonly FileDim[] | null;
}

/** A node as a file has it: values by name, "" where an optional one is absent. */
export interface FileNode {
  readonly name: string;
  readonly opType: string;
  /** "" for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** As the file has them. Default: what the operator's schema says. */
  readonly attributeTypes?: Readonly<Record<string, AttributeType>>;
}

/** An ONNX model as its file has it: nothing is known of the shapes in between. */
export interface ModelFile {
  /** Name of the file, for messages. */
  readonly file: string;
  /** The program that wrote the file, such as "pytorch"; "" where it does not say. */
  readonly producer: string;
  readonly graphName: string;
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  /** Without the initialisers that old files list among the inputs. */
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** In topological order. */
  readonly nodes: readonly FileNode[];
}
