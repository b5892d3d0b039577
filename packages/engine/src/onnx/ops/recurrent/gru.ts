import type { Value } from "../../graph/graph.js";
import { numberAttribute } from "../attributes.js";
import type { CellGradients, Direction } from "./direction.js";
import { byGate, byTime, held, masked, project, weightGradient } from "./direction.js";

/**
 * Back-propagation through time of one direction of a GRU: h = (1 - z) n + z h₋ with z, r = σ(·).
 *
 * ONNX has two forms of n: tanh(W x + r (R h₋ + b)) with `linear_before_reset`, which is PyTorch's, and
 * tanh(W x + R (r h₋) + b) without, which is the paper's.
 *
 * Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder (2014).
 */
export function gruGradients(direction: Direction): CellGradients {
  return numberAttribute(direction.node, "linear_before_reset", 0) !== 0
    ? resetAfterProduct(direction)
    : resetBeforeProduct(direction);
}

/** The derivative of the sigmoid, from its value. */
function sigmoidSlope({ g }: Direction, value: Value): Value {
  return g.mul(value, g.sub(1, value));
}

/** Factors of dh in the gradient by the update gate and by the candidate, before their activations. */
function updateFactors(direction: Direction, z: Value, candidate: Value): [Value, Value] {
  const { g, previous } = direction;
  const update = g.mul(g.sub(previous, candidate), sigmoidSlope(direction, z));
  const fresh = g.mul(g.sub(1, z), g.sub(1, g.mul(candidate, candidate)));
  return [masked(direction, update), masked(direction, fresh)];
}

function resetAfterProduct(direction: Direction): CellGradients {
  const { g, order, x, w, r, bias, previous } = direction;
  const fromInput = project(direction, x, w, bias?.w ?? null);
  const fromState = project(direction, previous, r, bias?.r ?? null);
  const [inputSums, inputCandidate] = byGate(direction, fromInput, [2, 1]) as [Value, Value];
  const [stateSums, stateCandidate] = byGate(direction, fromState, [2, 1]) as [Value, Value];
  const opened = g.sigmoid(g.add(inputSums, stateSums));
  const [z, reset] = byGate(direction, opened, [1, 1]) as [Value, Value];
  const candidate = g.tanh(g.add(inputCandidate, g.mul(reset, stateCandidate)));

  // Every gate's gradient is dh times a factor that is known for all steps at once.
  const [update, fresh] = updateFactors(direction, z, candidate);
  const resetFactor = g.mul(g.mul(fresh, stateCandidate), sigmoidSlope(direction, reset));
  const stateFactors = byTime(direction, g.concat([update, resetFactor, g.mul(fresh, reset)], 2));
  const dys = direction.dy && byTime(direction, masked(direction, direction.dy));
  const keep = byTime(direction, held(direction, z));

  const dhs: Value[] = [];
  const gates: Value[] = [];
  let dh = direction.dLastH;
  for (const t of order.toReversed()) {
    if (dys) dh = g.add(dys[t]!, dh);
    const gate = g.mul(g.concat([dh, dh, dh], 2), stateFactors[t]!);
    dhs[t] = dh;
    gates[t] = gate;
    dh = g.add(g.mul(dh, keep[t]!), g.matmul(gate, r));
  }
  const dhAll = g.concat(dhs, 0);
  const recurrentGates = g.concat(gates, 0);
  const [shared] = byGate(direction, recurrentGates, [2, 1]) as [Value, Value];
  const inputGates = g.concat([shared, g.mul(dhAll, fresh)], 2);
  return { inputGates, recurrentGates, dInitialH: dh };
}

function resetBeforeProduct(direction: Direction): CellGradients {
  const { g, order, x, w, r, bias, previous, hidden } = direction;
  const rSums = g.slice(r, [0], [2 * hidden], [0]);
  const rCandidate = g.slice(r, [2 * hidden], [3 * hidden], [0]);
  const b = bias && g.add(bias.w, bias.r);
  const [inputSums, inputCandidate] = byGate(direction, project(direction, x, w, b), [2, 1]) as [
    Value,
    Value,
  ];
  const opened = g.sigmoid(g.add(inputSums, project(direction, previous, rSums, null)));
  const [z, reset] = byGate(direction, opened, [1, 1]) as [Value, Value];
  const resetState = g.mul(reset, previous);
  const candidate = g.tanh(g.add(inputCandidate, project(direction, resetState, rCandidate, null)));

  const [update, fresh] = updateFactors(direction, z, candidate);
  const updates = byTime(direction, update);
  const freshes = byTime(direction, fresh);
  const resetFactors = byTime(direction, g.mul(previous, sigmoidSlope(direction, reset)));
  const resets = byTime(direction, reset);
  const keep = byTime(direction, held(direction, z));
  const dys = direction.dy && byTime(direction, masked(direction, direction.dy));

  const sums: Value[] = [];
  const candidates: Value[] = [];
  let dh = direction.dLastH;
  for (const t of order.toReversed()) {
    if (dys) dh = g.add(dys[t]!, dh);
    const dCandidate = g.mul(dh, freshes[t]!);
    const dResetState = g.matmul(dCandidate, rCandidate);
    const dSums = g.concat([g.mul(dh, updates[t]!), g.mul(dResetState, resetFactors[t]!)], 2);
    sums[t] = dSums;
    candidates[t] = dCandidate;
    const kept = g.add(g.mul(dh, keep[t]!), g.mul(dResetState, resets[t]!));
    dh = g.add(kept, g.matmul(dSums, rSums));
  }
  const sumGates = g.concat(sums, 0);
  const candidateGates = g.concat(candidates, 0);
  const all = g.concat([sumGates, candidateGates], 2);
  const dr = g.concat(
    [weightGradient(direction, sumGates, previous), weightGradient(direction, candidateGates, resetState)],
    0,
  );
  return { inputGates: all, recurrentGates: all, dr, dInitialH: dh };
}
