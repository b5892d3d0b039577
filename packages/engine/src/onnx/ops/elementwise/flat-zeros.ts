import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";
import { operatorsWith } from "../traits.js";

/** Operators whose result is a part, a sum, a mean or a maximum of their first input, or of all inputs. */
const ofFirst = operatorsWith("rearranges", "copies", "picks", "flatAtZero");
const ofAll = operatorsWith("sums");

/**
 * Whether a value is made so that it passes no gradient on where it is zero: a square, an absolute value, a sum or a mean
 * of such, and what is made of these without making them less flat.
 *
 * A root has an infinite slope at zero. Behind a value like this it meets a slope of zero, as in the norm of a zero vector
 * and the deviation of equal numbers, for which PyTorch's own operators give a gradient of zero. Exported as their parts
 * they would give infinity times zero.
 */
export function isFlatAtZero(g: GraphBuilder, value: Value): boolean {
  const makers = new Map<Value | null, Node>();
  for (const node of g.nodes) for (const output of node.outputs) makers.set(output, node);
  const known = new Map<Value, boolean>();
  const test = (of: Value | null | undefined): boolean => {
    if (!of) return false;
    const before = known.get(of);
    if (before !== undefined) return before;
    const node = makers.get(of);
    const result = node !== undefined && node.domain === "" && isFlat(node, test);
    known.set(of, result);
    return result;
  };
  return test(value);
}

function isFlat(
  { opType, inputs, attributes }: Node,
  test: (value: Value | null | undefined) => boolean,
): boolean {
  const [a, b] = inputs;
  if (ofFirst.has(opType)) return test(a);
  if (ofAll.has(opType)) return inputs.every(test);
  switch (opType) {
    case "Abs":
    case "ReduceL1":
    case "ReduceL2":
    case "ReduceSumSquare":
      return true;
    case "Div":
      return test(a) && b?.constant !== undefined;
    case "Einsum":
      return a === b && inputs.length === 2 && isOwnProduct(String(attributes["equation"]));
    case "Max":
      return inputs.some(test) && inputs.every((input) => input?.constant || test(input));
    case "Mul":
      return (
        a === b ||
        (test(a) && (b?.constant !== undefined || test(b))) ||
        (a?.constant !== undefined && test(b))
      );
    case "Pow":
      return isPower(b, (exponent) => exponent > 1) || (test(a) && isPower(b, (exponent) => exponent > 0));
    default:
      return false;
  }
}

/** Whether an equation multiplies each element by itself: "bi,bi->b". */
function isOwnProduct(equation: string): boolean {
  const [first, second] = equation.split("->")[0]!.split(",");
  return first?.trim() === second?.trim();
}

function isPower(exponent: Value | null | undefined, test: (exponent: number) => boolean): boolean {
  if (!exponent?.constant) return false;
  return Array.from(exponent.constant.data as ArrayLike<number | bigint>, Number).every(test);
}
