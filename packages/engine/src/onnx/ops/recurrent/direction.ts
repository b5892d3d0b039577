import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";

/**
 * One direction of a recurrent node: what its cell's gradient starts from. T steps, N sequences, I inputs, H hidden
 * values, G gates. Everything is in the order of time, also where the direction runs backwards.
 */
export interface Direction {
  readonly g: GraphBuilder;
  readonly node: Node;
  /** 0, or 1 for the second direction of a bidirectional node. */
  readonly index: number;
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  /** Times in the order in which the forward pass visits them. */
  readonly order: readonly number[];
  /** Inputs [T N, I]. */
  readonly x: Value;
  /** Input weights [G H, I]. */
  readonly w: Value;
  /** Recurrent weights [G H, H]. */
  readonly r: Value;
  /** Biases beside `w` and `r`, [G H] each; null where the node has none. */
  readonly bias: { readonly w: Value; readonly r: Value } | null;
  /** Hidden state after each step, [T, N, H]; zero beyond a sequence's end. */
  readonly y: Value;
  /** Hidden state before each step, [T, N, H]. */
  readonly previous: Value;
  /** Cell state before the first step, [1, N, H]. */
  readonly initialC: Value;
  /** Gradient by `y`; null where none flows. */
  readonly dy: Value | null;
  /** Gradients by the last hidden and cell states, [1, N, H]. */
  readonly dLastH: Value;
  readonly dLastC: Value;
  /** 1 where a step lies within its sequence, 0 beyond, [T, N, 1]; null where all are as long as the input. */
  readonly mask: Value | null;
}

/** What a cell's gradient gives back; the rule turns it into the gradients of the node's inputs. */
export interface CellGradients {
  /** Gradient by what each gate gets from the input, [T, N, G H]. */
  readonly inputGates: Value;
  /** Gradient by what each gate gets from the hidden state, [T, N, G H]. */
  readonly recurrentGates: Value;
  /** Gradient of the recurrent weights where it is not `recurrentGatesᵀ · previous`. */
  readonly dr?: Value;
  /** Gradients by the first states, [1, N, H]. */
  readonly dInitialH: Value;
  readonly dInitialC?: Value;
}

/** The parts [1, N, …] of [T, N, …] by time. */
export function byTime({ g, steps }: Direction, value: Value): Value[] {
  if (steps === 1) return [value];
  return g.node("Split", [value, g.ints(new Array(steps).fill(1))], { axis: 0 }, { outputs: steps });
}

/** The gates [T, N, H] of [T, N, G H]; `sizes` joins neighbours, counted in gates. */
export function byGate({ g, hidden }: Direction, value: Value, sizes: readonly number[]): Value[] {
  const widths = sizes.map((size) => size * hidden);
  return g.node("Split", [value, g.ints(widths)], { axis: 2 }, { outputs: sizes.length });
}

/** `x · wᵀ + bias` for all steps at once: [T, N, rows of w]. */
export function project({ g, steps, batch }: Direction, x: Value, w: Value, bias: Value | null): Value {
  const rows = g.reshape(x, [steps * batch, w.shape[1]!]);
  return g.reshape(g.op("Gemm", bias ? [rows, w, bias] : [rows, w], { transB: 1 }), [
    steps,
    batch,
    w.shape[0]!,
  ]);
}

/** `gatesᵀ · states` over all steps: the gradient of the weights between them. */
export function weightGradient({ g, steps, batch }: Direction, gates: Value, states: Value): Value {
  const rows = (value: Value) => g.reshape(value, [steps * batch, value.shape.at(-1)!]);
  return g.op("Gemm", [rows(gates), rows(states)], { transA: 1 });
}

/** Zero beyond a sequence's end. */
export function masked({ g, mask }: Direction, value: Value): Value {
  return mask ? g.mul(value, mask) : value;
}

/** One beyond a sequence's end, where the state stays as it was. */
export function held({ g, mask }: Direction, value: Value): Value {
  return mask ? g.add(g.mul(value, mask), g.sub(1, mask)) : value;
}
