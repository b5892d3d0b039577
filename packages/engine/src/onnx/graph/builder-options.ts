import { arrayOf, type Check, type Checks, either, integer, oneOf, string } from "lrfind/core";
import {
  attributeTypes as attributeTypesCheck,
  dtype as dtypeCheck,
  isValue,
  name as nameCheck,
  shape as shapeCheck,
  values as valuesCheck,
} from "../checks.js";
import type { AttributeType, Node } from "./graph.js";
import type { DType } from "./tensor.js";

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
/** Its checks. */
export const NODE_OPTIONS: Checks<NodeOptions> = {
  name: nameCheck,
  domain: string,
  outputs: integer({ min: 1, max: 4096 }),
  types: arrayOf(either(TYPE, oneOf(null)), { minLength: 1 }),
  attributeTypes: attributeTypesCheck,
};
/** What a graph puts out, by name. */
export const OUTPUTS: Check = {
  expected: "values of the graph by name",
  accepts: (outputs) =>
    typeof outputs === "object" &&
    outputs !== null &&
    !Array.isArray(outputs) &&
    valuesCheck.accepts(Object.values(outputs)),
  hint: (outputs) => (isValue(outputs) ? "{ y }" : undefined),
};
/** A node that was added before. */
export const NAMED: Check = {
  expected: "a node of this graph",
  accepts: (node) => typeof (node as Node | null | undefined)?.name === "string",
};
