import type { Node, Value } from "../graph/graph.js";
import type { NodeWriter } from "../graph/node-writer.js";
import type { Replacement } from "../graph/replacement.js";
import { numberAttribute } from "../ops/attributes.js";

/**
 * Gives each node that writes over some of its inputs these for itself.
 *
 * ONNX Runtime 1.30 writes the running statistics of a BatchNormalization in training form over its inputs 3 and 4,
 * whoever else reads them: constants, feeds, values of other nodes. It is the one operator of ours whose kernel does so
 * unasked (`Alias(3, 1)` and `Alias(4, 2)`; all others ask the memory planner whether they may). Nor is it enough that
 * the graph has two nodes for two inputs: equal nodes are merged and constant ones computed in advance, so that each such
 * input is of an expression that occurs once, and depends on an input of the graph.
 *
 * With a momentum of 0 the statistics that come in do not matter; any value of their shape serves.
 *
 * @returns What stands in a node's place; undefined where no node writes over an input.
 */
export function ownInputs(g: NodeWriter): Replacement | undefined {
  if (!g.nodes.some(writesOverInputs)) return undefined;
  const variable = valuesBehindInputs(g.nodes, g.inputs);
  let count = 0;
  return (node) => {
    if (!writesOverInputs(node)) return node;
    const inputs = node.inputs.map((input, i) =>
      input && (i === 3 || i === 4) ? ownCopy(g, node, input, { variable, number: ++count }) : input,
    );
    return { ...node, inputs };
  };
}

function writesOverInputs(node: Node): boolean {
  return (
    node.opType === "BatchNormalization" &&
    node.domain === "" &&
    numberAttribute(node, "training_mode", 0) === 1
  );
}

/** A value that no other node reads. Its number makes its expression one of a kind. */
function ownCopy(
  g: NodeWriter,
  node: Node,
  input: Value,
  { variable, number }: { readonly variable: ReadonlySet<Value>; readonly number: number },
): Value {
  const [x, scale, bias] = node.inputs as [Value, Value, Value];
  const perChannel = [scale, bias].find(
    (value) => variable.has(value) && value.dtype === input.dtype && value.shape.length === 1,
  );
  const source = perChannel ?? firstElements(g, x);
  if (numberAttribute(node, "momentum", 0.9) === 0 && source.dtype === input.dtype) {
    return g.add(source, number);
  }
  return g.where(g.less(source, number), input, input);
}

/** The first element of each channel: `[N, C, …]` to `[C]`. */
function firstElements(g: NodeWriter, x: Value): Value {
  const axes = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const zeros = axes.map(() => 0);
  const ones = axes.map(() => 1);
  return g.reshape(g.slice(x, zeros, ones, axes), [x.shape[1] ?? 1]);
}

/** All values that depend on an input of the graph, which is what ONNX Runtime cannot compute in advance. */
function valuesBehindInputs(nodes: readonly Node[], inputs: readonly Value[]): Set<Value> {
  const variable = new Set(inputs);
  for (const node of nodes) {
    if (node.opType === "Shape" || node.opType === "Size") continue;
    if (!node.inputs.some((input) => input && variable.has(input))) continue;
    for (const output of node.outputs) if (output) variable.add(output);
  }
  return variable;
}
