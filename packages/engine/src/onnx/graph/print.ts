import { checkGraph } from "../checks.js";
import type { Attribute, Graph, Value } from "./graph.js";

/**
 * A readable listing of a graph: one line per input, constant, node and output.
 *
 * @example
 * ```ts
 * printGraph(graph);
 * // graph lrfind
 * //   input  x: float32[2, 3]
 * //   Mul:0: float32[2, 3] = Mul(x, 2)
 * //   output y: float32[2, 3]
 * ```
 *
 * @throws {OnnxError} when it is no graph.
 */
export function printGraph(graph: Graph): string {
  checkGraph("printGraph", graph);
  const lines = [`graph ${graph.name}`];
  for (const input of graph.inputs) lines.push(`  input  ${typed(input)}`);
  for (const constant of graph.constants) {
    if (literal(constant) === undefined) lines.push(`  const  ${typed(constant)}`);
  }
  for (const node of graph.nodes) {
    const outputs = node.outputs.map((output) => (output ? typed(output) : "_")).join(", ");
    const inputs = node.inputs.map((input) => (input ? (literal(input) ?? input.name) : "_"));
    const attributes = Object.entries(node.attributes).map(
      ([name, value]) => `${name}=${printAttribute(value)}`,
    );
    const domain = node.domain ? `${node.domain}.` : "";
    lines.push(`  ${outputs} = ${domain}${node.opType}(${[...inputs, ...attributes].join(", ")})`);
  }
  for (const output of graph.outputs) lines.push(`  output ${typed(output)}`);
  return lines.join("\n");
}

function typed(value: Value): string {
  return `${value.name}: ${value.dtype}[${value.shape.join(", ")}]`;
}

/** Small constants stand where they are used. */
function literal(value: Value): string | undefined {
  const contents = value.constant;
  if (!contents || contents.data.length > 8 || contents.shape.length > 1) return undefined;
  const numbers = Array.from(contents.data as ArrayLike<number | bigint>, String);
  return contents.shape.length === 0 ? numbers[0] : `[${numbers.join(", ")}]`;
}

function printAttribute(value: Attribute): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `[${value.map(printAttribute).join(", ")}]`;
  const { dtype, shape } = value as { dtype: string; shape: readonly number[] };
  return `${dtype}[${shape.join(", ")}]`;
}
