import { builder, check, value as valueCheck } from "../checks.js";
import type { GraphBuilder } from "../graph/builder.js";
import type { Attributes, Value } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { isFloat } from "../graph/tensor.js";
import { operatorsWith } from "../ops/traits.js";

/** What turns a model's last numbers into probabilities, or into their logarithms. */
export type EndingKind = "softmax" | "logSoftmax" | "sigmoid";

/** A node, with its values by name: of a file or of a graph. */
interface NamedNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** How a model ends, by names. */
export interface NamedEnding {
  readonly kind: EndingKind;
  /** Name of the node that gives the probabilities. */
  readonly node: string;
  /** The value that it takes: logits. */
  readonly logits: string;
  /** The value that it gives. */
  readonly probabilities: string;
  /** Of softmax, as the file has it: it may count from the end. */
  readonly axis: number;
  /** Names of the nodes after it, up to the output: they move elements and leave them as they are. */
  readonly moves: readonly string[];
}

/** How a graph ends. */
export interface Ending {
  readonly kind: EndingKind;
  /** Name of the node that gives the probabilities. */
  readonly node: string;
  /** The output's dimension over which softmax runs; undefined where it is none of them, and of a sigmoid. */
  readonly axis: number | undefined;
  /** Adds what the output would be without the ending: logits of the output's shape. */
  logits(): Value;
}

/** Operators that only move elements, or change their type. */
const moves = operatorsWith("rearranges");
/** Bounds that a model may clip its probabilities to, lest their logarithm be infinite; in float32 the first is larger. */
const CLIPPED_FROM = Math.fround(1e-3);
const CLIPPED_TO = 1 - 1e-3;

/**
 * Recognises a model that ends in Softmax, LogSoftmax or Sigmoid: as such, as the logarithm of a Softmax, or written
 * out (`exp(x) / sum(exp(x))`, `1 / (1 + exp(-x))`); perhaps with operators behind it that only move elements.
 *
 * @param nodes - Those that lead to the output.
 * @param output - Name of the value that is the output.
 * @param constant - Contents of the values that are constant.
 */
export function namedEnding(
  nodes: readonly NamedNode[],
  output: string,
  constant: (name: string) => Tensor | undefined,
): NamedEnding | undefined {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const number = (name: string | undefined): number | undefined => {
    const data = name === undefined ? undefined : constant(name)?.data;
    return data?.length === 1 ? Number(data[0]) : undefined;
  };
  /** The node that makes a value, where it is one of ONNX's own of this kind. */
  const made = (name: string | undefined, ...opTypes: readonly string[]): NamedNode | undefined => {
    const node = makers.get(name ?? "");
    return node && node.domain === "" && opTypes.includes(node.opType) ? node : undefined;
  };
  /** The other operand of a node one of whose two is the number 1. */
  const besideOne = (node: NamedNode | undefined): string | undefined => {
    if (!node) return undefined;
    const [a, b] = node.inputs;
    return number(b) === 1 ? a : number(a) === 1 ? b : undefined;
  };

  const passed: string[] = [];
  let at = output;
  for (;;) {
    const node = makers.get(at);
    if (node?.domain !== "") return undefined;
    if (isMove(node) || isSafeClip(node)) {
      at = node.inputs[0]!;
    } else if (node.opType === "Mul" && besideOne(node) !== undefined) {
      // `1 / x` is exported as a reciprocal times 1.
      at = besideOne(node)!;
    } else {
      break;
    }
    passed.unshift(node.name);
  }
  const end = makers.get(at)!;
  const found = (kind: EndingKind, logits: string, axis = 0): NamedEnding => {
    return { kind, node: end.name, logits, probabilities: at, axis, moves: passed };
  };
  if (end.opType === "Softmax") return found("softmax", end.inputs[0]!, axisOf(end));
  if (end.opType === "LogSoftmax") return found("logSoftmax", end.inputs[0]!, axisOf(end));
  if (end.opType === "Sigmoid") return found("sigmoid", end.inputs[0]!);
  if (end.opType === "Log") {
    const softmax = made(end.inputs[0], "Softmax");
    if (softmax) return found("logSoftmax", softmax.inputs[0]!, axisOf(softmax));
    const written = softmaxParts(makers.get(end.inputs[0] ?? ""));
    return written && found("logSoftmax", written.logits, written.axis);
  }
  const written = softmaxParts(end);
  if (written) return found("softmax", written.logits, written.axis);
  const logits = sigmoidLogits(end);
  return logits === undefined ? undefined : found("sigmoid", logits);

  function isSafeClip(node: NamedNode): boolean {
    if (node.opType !== "Clip") return false;
    const [, low, high] = node.inputs;
    const isFree = (name: string | undefined) => name === undefined || name === "";
    return (
      (isFree(low) || (number(low) ?? 1) <= CLIPPED_FROM) &&
      (isFree(high) || (number(high) ?? 0) >= CLIPPED_TO)
    );
  }

  /** `exp(x) / sum(exp(x))`, or a product with the sum's reciprocal. */
  function softmaxParts(node: NamedNode | undefined): { logits: string; axis: number } | undefined {
    const [a, b] = node?.inputs ?? [];
    if (!node || a === undefined || b === undefined) return undefined;
    if (node.opType === "Div") return ofQuotient(a, b);
    if (node.opType !== "Mul") return undefined;
    const [left, right] = [made(a, "Reciprocal"), made(b, "Reciprocal")];
    if (right) return ofQuotient(a, right.inputs[0]!);
    return left && ofQuotient(b, left.inputs[0]!);
  }

  function ofQuotient(powers: string, total: string): { logits: string; axis: number } | undefined {
    const exp = made(powers, "Exp");
    const sum = made(total, "ReduceSum");
    if (!exp || sum?.inputs[0] !== powers || sum.attributes["keepdims"] === 0) return undefined;
    const axes = constant(sum.inputs[1] ?? "")?.data;
    return axes?.length === 1 ? { logits: exp.inputs[0]!, axis: Number(axes[0]) } : undefined;
  }

  /** `1 / (1 + exp(-x))`. */
  function sigmoidLogits(node: NamedNode): string | undefined {
    const isQuotient = node.opType === "Div" && number(node.inputs[0]) === 1;
    const divisor = node.opType === "Reciprocal" ? node.inputs[0] : isQuotient ? node.inputs[1] : undefined;
    const exp = made(besideOne(made(divisor, "Add")), "Exp");
    return made(exp?.inputs[0], "Neg")?.inputs[0];
  }
}

/** Recognises how a graph ends; see `namedEnding`. */
export function findEnding(g: GraphBuilder, output: Value): Ending | undefined {
  check("findEnding", "g", g, builder);
  check("findEnding", "output", output, valueCheck);
  const values = new Map<string, Value>();
  const nodes = g.nodes.map((node) => {
    for (const value of [...node.inputs, ...node.outputs]) if (value) values.set(value.name, value);
    const names = (list: readonly (Value | null)[]) => list.map((value) => value?.name ?? "");
    return { ...node, inputs: names(node.inputs), outputs: names(node.outputs) };
  });
  const named = namedEnding(nodes, output.name, (name) => values.get(name)?.constant);
  if (!named) return undefined;
  const byName = new Map(g.nodes.map((node) => [node.name, node]));
  const passed = named.moves.map((name) => byName.get(name)!);
  const source = values.get(named.probabilities)!;
  let axis: number | undefined = named.axis < 0 ? named.axis + source.shape.length : named.axis;
  let shape = source.shape;
  for (const { opType, attributes, outputs } of passed) {
    const next = outputs[0]!.shape;
    axis = opType === "Transpose" ? permuted(axis, attributes, shape.length) : reshaped(axis, shape, next);
    shape = next;
  }
  return {
    kind: named.kind,
    node: named.node,
    axis: named.kind === "sigmoid" ? undefined : axis,
    logits: () =>
      passed
        // Bounds of probabilities are none of logits, and a product with 1 moves nothing.
        .filter(({ opType }) => opType !== "Clip" && opType !== "Mul")
        .reduce<Value>((value, node) => {
          const { dtype, shape: to } = node.outputs[0]!;
          const inputs = [value, ...node.inputs.slice(1)];
          return g.op(node.opType, inputs, node.attributes, {
            name: node.name,
            types: [{ dtype, shape: to }],
          });
        }, values.get(named.logits)!),
  };
}

function isMove({ opType, attributes }: NamedNode): boolean {
  return moves.has(opType) && (opType !== "Cast" || isFloat(attributes["to"] as Tensor["dtype"]));
}

function axisOf({ attributes }: NamedNode): number {
  return typeof attributes["axis"] === "number" ? attributes["axis"] : -1;
}

function permuted(axis: number | undefined, attributes: Attributes, rank: number): number | undefined {
  if (axis === undefined) return undefined;
  const perm = attributes["perm"] as readonly number[] | undefined;
  return perm ? perm.indexOf(axis) : rank - 1 - axis;
}

/** Where a dimension is after a reshape: the one of its size that has as many elements before and after it. */
function reshaped(
  axis: number | undefined,
  from: readonly number[],
  to: readonly number[],
): number | undefined {
  if (axis === undefined) return undefined;
  const product = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
  const before = product(from.slice(0, axis));
  const found = to.findIndex((size, i) => size === from[axis] && product(to.slice(0, i)) === before);
  return found < 0 ? undefined : found;
}
