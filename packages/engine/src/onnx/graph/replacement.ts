import type { Node, Value } from "./graph.js";

/**
 * What stands in a node's place: a node, the same one for instance; or the results, in the order of the outputs, of nodes
 * that were added instead, which yield the node's own values then; or nothing, where what was added yields them already.
 */
export type Replacement = (node: Node) => Node | readonly Value[] | undefined;
