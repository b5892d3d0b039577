import type { Value } from "../../graph/graph.js";
import type { CellGradients, Direction } from "./direction.js";
import { byGate, byTime, held, masked, project } from "./direction.js";

/**
 * Back-propagation through time of one direction of an LSTM.
 *
 * With gates i, o, f = σ(·), c̃ = tanh(·), c = f c₋ + i c̃ and h = o tanh(c), the gradient by the gates before their
 * activation is [dc c̃ i(1-i), dh tanh(c) o(1-o), dc c₋ f(1-f), dc i(1-c̃²)] in ONNX's order i, o, f, c̃: all factors
 * but dh and dc are known for all steps at once.
 *
 * Source: Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000) for the forget gate.
 */
export function lstmGradients(direction: Direction): CellGradients {
  const { g, order, x, w, r, bias, previous } = direction;
  const b = bias && g.add(bias.w, bias.r);
  const sums = g.add(project(direction, x, w, b), project(direction, previous, r, null));
  const [sigmoids, candidates] = byGate(direction, sums, [3, 1]) as [Value, Value];
  const opened = g.sigmoid(sigmoids);
  const [i, o, f] = byGate(direction, opened, [1, 1, 1]) as [Value, Value, Value];
  const candidate = g.tanh(candidates);

  // The node gives the last cell state only, so the cells are run through again.
  const forget = byTime(direction, held(direction, f));
  const added = byTime(direction, masked(direction, g.mul(i, candidate)));
  const before: Value[] = [];
  const after: Value[] = [];
  let c = direction.initialC;
  for (const t of order) {
    before[t] = c;
    c = g.add(g.mul(forget[t]!, c), added[t]!);
    after[t] = c;
  }
  const tanhC = g.tanh(g.concat(after, 0));

  const slopes = g.mul(opened, g.sub(1, opened));
  const factors = g.concat(
    [
      g.mul(g.concat([candidate, tanhC, g.concat(before, 0)], 2), slopes),
      g.mul(i, g.sub(1, g.mul(candidate, candidate))),
    ],
    2,
  );
  const gateFactors = byTime(direction, masked(direction, factors));
  const cellFactors = byTime(direction, masked(direction, g.mul(o, g.sub(1, g.mul(tanhC, tanhC)))));
  const dys = direction.dy && byTime(direction, masked(direction, direction.dy));
  const hold = direction.mask && byTime(direction, g.sub(1, direction.mask));

  const gates: Value[] = [];
  let dh = direction.dLastH;
  let dc = direction.dLastC;
  for (const t of order.toReversed()) {
    if (dys) dh = g.add(dys[t]!, dh);
    dc = g.add(dc, g.mul(dh, cellFactors[t]!));
    const gate = g.mul(g.concat([dc, dh, dc, dc], 2), gateFactors[t]!);
    gates[t] = gate;
    const flowing = g.matmul(gate, r);
    dh = hold ? g.add(flowing, g.mul(dh, hold[t]!)) : flowing;
    dc = g.mul(dc, forget[t]!);
  }
  const all = g.concat(gates, 0);
  return { inputGates: all, recurrentGates: all, dInitialH: dh, dInitialC: dc };
}
