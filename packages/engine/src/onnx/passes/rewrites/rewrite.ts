import type { NodeWriter } from "../../graph/node-writer.js";
import type { ShapeContext } from "../../ops/shape-rule.js";

/**
 * Says a node that is about to be added in a form that ONNX Runtime computes rightly: adds what comes before it, and
 * returns the node that yields the same outputs in the given one's place.
 */
export type Rewrite = (g: NodeWriter, node: ShapeContext) => ShapeContext;
