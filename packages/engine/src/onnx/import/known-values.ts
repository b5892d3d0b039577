import { arrayOf, string } from "lrfind/core";
import { check, fileNode } from "../checks.js";
import type { FileNode } from "../file/model-file.js";
import { operatorsWith } from "../ops/traits.js";

/** Operators that draw random numbers: never constant, however constant their inputs. */
const random = operatorsWith("random");

/** Operators that read the shape of their input, not its numbers. */
const shapeReaders = operatorsWith("readsShape");

/**
 * The values that are the same in every run with inputs of the same shapes: what is computed from constants and
 * from the shapes of values. Gradient rules need such values (axes, shapes, pads) as numbers.
 *
 * @param nodes - In topological order.
 * @param constants - Names of the values known to be constant at the start.
 */
export function constantValues(
  nodes: readonly FileNode[],
  constants: ReadonlySet<string>,
): ReadonlySet<string> {
  const known = new Set(constants);
  for (const node of nodes) {
    if (random.has(node.opType)) continue;
    const isKnown =
      (node.domain === "" && shapeReaders.has(node.opType)) ||
      node.inputs.every((name) => name === "" || known.has(name));
    if (isKnown) for (const output of node.outputs) if (output !== "") known.add(output);
  }
  return known;
}

/** Whether an operator draws random numbers. */
export function isRandom(opType: string): boolean {
  return random.has(opType);
}

/** The nodes that lead to a value, in their order. */
export function nodesBehind(nodes: readonly FileNode[], outputs: readonly string[]): FileNode[] {
  check("nodesBehind", "nodes", nodes, arrayOf(fileNode));
  check("nodesBehind", "outputs", outputs, arrayOf(string));
  const wanted = new Set(outputs);
  const kept: FileNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => name !== "" && wanted.has(name))) continue;
    for (const input of node.inputs) wanted.add(input);
    kept.push(node);
  }
  return kept.reverse();
}
