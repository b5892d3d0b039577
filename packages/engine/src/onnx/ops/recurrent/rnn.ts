import type { Value } from "../../graph/graph.js";
import { gradientError } from "../gradient-rule.js";
import type { CellGradients, Direction } from "./direction.js";
import { byTime, masked } from "./direction.js";

/** Back-propagation through time of one direction of a plain recurrence h = φ(W x + R h₋ + b). */
export function rnnGradients(direction: Direction): CellGradients {
  const { g, order, r } = direction;
  const slopes = byTime(direction, masked(direction, activationSlope(direction)));
  const dys = direction.dy && byTime(direction, masked(direction, direction.dy));
  const hold = direction.mask && byTime(direction, g.sub(1, direction.mask));
  const gates: Value[] = [];
  let dh = direction.dLastH;
  for (const t of order.toReversed()) {
    if (dys) dh = g.add(dys[t]!, dh);
    const gate = g.mul(dh, slopes[t]!);
    gates[t] = gate;
    const flowing = g.matmul(gate, r);
    dh = hold ? g.add(flowing, g.mul(dh, hold[t]!)) : flowing;
  }
  const all = g.concat(gates, 0);
  return { inputGates: all, recurrentGates: all, dInitialH: dh };
}

/** The activation's derivative, which all three activations give from their value. */
function activationSlope({ g, node, index, y }: Direction): Value {
  const activations = node.attributes["activations"] as readonly string[] | undefined;
  const activation = activations?.[index] ?? "Tanh";
  switch (activation.toLowerCase()) {
    case "relu":
      return g.cast(g.greater(y, 0), y.dtype);
    case "sigmoid":
      return g.mul(y, g.sub(1, y));
    case "tanh":
      return g.sub(1, g.mul(y, y));
    default:
      throw gradientError(node, `the activation Tanh, Relu or Sigmoid, not ${activation}`);
  }
}
