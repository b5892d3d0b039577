import type { Graph, Node, Value } from "./graph.js";

/**
 * Makes a graph of nodes: keeps what leads to the outputs, and gives these their names.
 *
 * @param parts - All there is.
 * @param outputs - Values by the name that they are to have.
 */
export function finishGraph(
  { name: graphName, inputs, constants, nodes: all }: Omit<Graph, "outputs">,
  outputs: Readonly<Record<string, Value>>,
): Graph {
  const copies: Node[] = [];
  const named: Value[] = [];
  const renamed = new Map<Value, Value>();
  const produced = new Set(all.flatMap((node) => node.outputs));
  for (const [name, value] of Object.entries(outputs)) {
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
  const nodes = [...all, ...copies].map((node) => ({
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
  return {
    name: graphName,
    inputs,
    outputs: named,
    constants: constants.filter((value) => wanted.has(value.name)),
    nodes: kept.reverse(),
  };
}

/** A node that gives an input, a constant, or a value with a name already, the name of an output. */
function identity(value: Value, output: Value): Node {
  const name = `output:${output.name}`;
  return { name, opType: "Identity", domain: "", inputs: [value], outputs: [output], attributes: {} };
}
