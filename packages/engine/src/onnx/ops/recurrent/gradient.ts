import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";
import { tensor } from "../../graph/tensor.js";
import { numberAttribute } from "../attributes.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import { gradientError, sumTo } from "../gradient-rule.js";
import type { CellGradients, Direction } from "./direction.js";
import { weightGradient } from "./direction.js";
import { gruGradients } from "./gru.js";
import { lstmGradients } from "./lstm.js";
import { rnnGradients } from "./rnn.js";

/**
 * The gradient of a recurrent node, which stays the runtime's own fast operator in the forward pass.
 *
 * The gates are computed again, for all steps in one product, from the node's inputs and hidden states; only the
 * walk back through time is unrolled, with one product a step, and the weights' gradients are one product each
 * over all steps. A forward pass unrolled into primitive operators and differentiated as it stands takes as long
 * within 15 % (LSTM, 64 steps of 16 x 128, 256 hidden, 2 threads: 27 ms against 30), but it has four times the
 * nodes, and ONNX Runtime 1.30 takes six times as long to load it (290 ms against 50).
 *
 * Inputs: X [T, N, I], W [D, G H, I], R [D, G H, H], B [D, 2 G H], sequence_lens [N], initial_h and initial_c
 * [D, N, H]; outputs: Y [T, D, N, H], Y_h and Y_c [D, N, H].
 */
function recurrent(cell: (direction: Direction) => CellGradients): GradientRule {
  return (context) => {
    const { g, node } = context;
    refuseVariants(node);
    const [steps, batch, inputSize] = context.input(0).shape as [number, number, number];
    const hidden = context.input(2).shape[2]!;
    // The hidden states of all steps are needed even where the graph itself uses the last ones only. (ONNX Runtime
    // 1.30 fails to merge two recurrent nodes that differ in their outputs, so a second node would not do.)
    const y = node.outputs[0] ?? g.extendOutputs(node, 1)[0]!;
    const mask = sequenceMask(context, steps, batch);
    const count = context.input(1).shape[0]!;
    const x = g.reshape(context.input(0), [steps * batch, inputSize]);

    const parts = Array.from({ length: count }, (_, index) => {
      const direction = directionOf(context, { x, y, mask, index });
      return { direction, gradients: cell(direction) };
    });
    const joined = (part: (p: (typeof parts)[number]) => Value) => g.concat(parts.map(part), 0);
    const stacked = (part: (p: (typeof parts)[number]) => Value) =>
      joined((p) => {
        const value = part(p);
        return g.reshape(value, [1, ...value.shape]);
      });
    const rows = (value: Value) => g.reshape(value, [steps * batch, value.shape[2]!]);
    const dx = parts
      .map(({ direction, gradients }) => g.matmul(rows(gradients.inputGates), direction.w))
      .reduce((a, b) => g.add(a, b));
    return [
      g.reshape(dx, [steps, batch, inputSize]),
      stacked(({ direction, gradients }) => weightGradient(direction, gradients.inputGates, direction.x)),
      stacked(
        ({ direction, gradients }) =>
          gradients.dr ?? weightGradient(direction, gradients.recurrentGates, direction.previous),
      ),
      stacked(({ gradients }) => biasGradient(g, gradients)),
      null,
      joined(({ gradients }) => gradients.dInitialH),
      node.inputs[6] ? joined(({ gradients }) => gradients.dInitialC ?? g.zeros([1, batch, hidden])) : null,
    ];
  };
}

/** Gradient of one direction's B [2 G H]: the biases beside W, then those beside R. */
function biasGradient(g: GraphBuilder, { inputGates, recurrentGates }: CellGradients): Value {
  const width = inputGates.shape.slice(2);
  const beside = sumTo(g, inputGates, width);
  return g.concat([beside, inputGates === recurrentGates ? beside : sumTo(g, recurrentGates, width)], 0);
}

interface Shared {
  readonly x: Value;
  readonly y: Value;
  readonly mask: Value | null;
  readonly index: number;
}

/** Cuts one direction out of a node's inputs, outputs and gradients. */
function directionOf(context: GradientContext, { x, y, mask, index }: Shared): Direction {
  const { g, node, dys } = context;
  const [steps, count, batch, hidden] = y.shape as [number, number, number, number];
  /** The direction's part of a value that has the directions in dimension `axis`, without that dimension. */
  const part = (value: Value, axis: number): Value => {
    const one = count === 1 ? value : g.slice(value, [index], [index + 1], [axis]);
    return g.reshape(
      one,
      one.shape.filter((_, d) => d !== axis),
    );
  };
  const state = (value: Value | null | undefined): Value =>
    value ? g.reshape(part(value, 0), [1, batch, hidden]) : g.zeros([1, batch, hidden], y.dtype);

  // ONNX Runtime 1.30 gives 0 as the last states of a sequence of length 0, not the first ones.
  const hasSteps = mask && g.slice(mask, [0], [1], [0]);
  const lastGradient = (dy: Value | null | undefined): Value =>
    dy && hasSteps ? g.mul(state(dy), hasSteps) : state(dy);

  const w = part(context.input(1), 0);
  const backwards = index === 1 || node.attributes["direction"] === "reverse";
  const times = Array.from({ length: steps }, (_, t) => t);
  const b = node.inputs[3] ? part(node.inputs[3], 0) : null;
  const gates = w.shape[0]!;
  const states = part(y, 1);
  return {
    g,
    node,
    index,
    steps,
    batch,
    hidden,
    order: backwards ? times.toReversed() : times,
    x,
    w,
    r: part(context.input(2), 0),
    bias: b && { w: g.slice(b, [0], [gates], [0]), r: g.slice(b, [gates], [2 * gates], [0]) },
    y: states,
    previous: previousStates(g, { states, first: state(node.inputs[5]), mask, backwards }),
    initialC: state(node.inputs[6]),
    dy: dys[0] ? part(dys[0], 1) : null,
    dLastH: lastGradient(dys[1]),
    dLastC: lastGradient(dys[2]),
    mask,
  };
}

interface StateSequence {
  readonly states: Value;
  readonly first: Value;
  readonly mask: Value | null;
  readonly backwards: boolean;
}

/** The hidden states shifted by one step. A backward direction starts at the end of each sequence. */
function previousStates(g: GraphBuilder, { states, first, mask, backwards }: StateSequence): Value {
  const steps = states.shape[0]!;
  if (steps === 1) return first;
  if (!backwards) return g.concat([first, g.slice(states, [0], [steps - 1], [0])], 0);
  const next = g.concat([g.slice(states, [1], [steps], [0]), first], 0);
  if (!mask) return next;
  const ended = g.sub(1, g.slice(mask, [1], [steps], [0]));
  const starts = g.concat([g.mul(ended, first), g.zeros(first.shape, first.dtype)], 0);
  // States beyond a sequence's end are zero, so the first state can be added in their place.
  return g.add(next, starts);
}

/** 1 for the steps within each sequence, [T, N, 1]; null where the node has no lengths, or all are T. */
function sequenceMask({ g, node, input }: GradientContext, steps: number, batch: number): Value | null {
  const lengths = node.inputs[4];
  if (!lengths) return null;
  const known = lengths.constant?.data as ArrayLike<number> | undefined;
  if (known && Array.from(known).every((length) => length === steps)) return null;
  const times = g.constant(
    tensor(
      lengths.dtype,
      [steps, 1],
      Array.from({ length: steps }, (_, t) => t),
    ),
  );
  return g.reshape(g.cast(g.less(times, lengths), input(0).dtype), [steps, batch, 1]);
}

function refuseVariants(node: Node): void {
  if (node.inputs[7]) throw gradientError(node, "no peephole weights");
  if (numberAttribute(node, "layout", 0) !== 0) throw gradientError(node, "the layout 0 (time first)");
  if (numberAttribute(node, "input_forget", 0) !== 0) throw gradientError(node, "no coupled forget gate");
  if (numberAttribute(node, "clip", 0) !== 0) throw gradientError(node, "no clipping of the cell");
  if (node.opType === "RNN") return;
  const activations = (node.attributes["activations"] as readonly string[] | undefined) ?? [];
  const usual = node.opType === "LSTM" ? ["sigmoid", "tanh", "tanh"] : ["sigmoid", "tanh"];
  if (activations.some((activation, i) => activation.toLowerCase() !== usual[i % usual.length])) {
    throw gradientError(node, `the default activations, not ${activations.join(", ")}`);
  }
}

/** Gradients of recurrent operators. */
export const recurrentGradients = {
  GRU: recurrent(gruGradients),
  LSTM: recurrent(lstmGradients),
  RNN: recurrent(rnnGradients),
} satisfies Record<string, GradientRule>;
