import { boolean, type Checks, checkOptions, oneOf } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { OnnxError } from "../../onnx/index.js";
import { checkSizes, depth, dropProbability } from "../checks.js";
import { uniformInit } from "../initializers.js";
import type { Layer, LayerContext, LayerParameter } from "../layer.js";

/** Options of a recurrent layer. */
export interface RecurrentOptions {
  /** Layers one above the other. Default: 1. */
  readonly numLayers?: number;
  /** Whether there are biases. Default: true. */
  readonly bias?: boolean;
  /** Whether input and output are [N, L, …], else [L, N, …]. Default: true; PyTorch's is false. */
  readonly batchFirst?: boolean;
  /** Probability of dropping an element between two layers. Default: 0. */
  readonly dropout?: number;
  /** Whether a second pass runs from the end; its output is joined to the first one's. Default: false. */
  readonly bidirectional?: boolean;
  /**
   * "sequence": the top layer's output at every position. "last": the top layer's final hidden state, [N, D H],
   * forward and backward joined. Default: "sequence".
   */
  readonly output?: "sequence" | "last";
}

const OPTIONS: Checks<RecurrentOptions> = {
  numLayers: depth,
  bias: boolean,
  batchFirst: boolean,
  dropout: dropProbability,
  bidirectional: boolean,
  output: oneOf("sequence", "last"),
};

/** What tells an LSTM from a GRU. */
interface Cell {
  readonly kind: "LSTM" | "GRU";
  /** For each of ONNX's gates, in order, its place among PyTorch's. */
  readonly gateOrder: readonly number[];
  readonly attributes: Readonly<Record<string, number>>;
}

// PyTorch: input, forget, cell, output; ONNX: input, output, forget, cell.
const lstmCell: Cell = { kind: "LSTM", gateOrder: [0, 3, 1, 2], attributes: {} };
// PyTorch: reset, update, new; ONNX: update, reset, hidden. PyTorch applies the reset gate after the product.
const gruCell: Cell = { kind: "GRU", gateOrder: [1, 0, 2], attributes: { linear_before_reset: 1 } };

/**
 * Long short-term memory: gates i, f, o and candidate g, each of `W x + b + U h + c`,
 * `c' = σ(f) c + σ(i) tanh(g)`, `h' = σ(o) tanh(c')`.
 *
 * Input [N, L, inputSize], output [N, L, D hiddenSize] (D = 2 when bidirectional, else 1), or as `output` and
 * `batchFirst` say; the state starts at 0. A second input, int32 (or int64) lengths [N] from 0 to L, says how much of each
 * sequence counts, from its start: what follows is padding, which changes no state (the backward pass begins before it)
 * and whose output is 0, as with PyTorch's packed sequences; a sequence of length 0 keeps the state 0. `packPadded` finds
 * the lengths of texts. Parameters by layer k: `weight_ih_lk` [4 hiddenSize, input],
 * `weight_hh_lk` [4 hiddenSize, hiddenSize], `bias_ih_lk` and `bias_hh_lk` [4 hiddenSize], gates in the order i, f,
 * g, o; the backward pass has `_reverse` after the name. All uniform on ±1 / sqrt(hiddenSize) at first.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const classifier = sequential(embedding(50, 16), lstm(16, 24, { output: "last" }), linear(24, 10));
 * ```
 *
 * Source: Hochreiter and Schmidhuber (1997); PyTorch's `torch.nn.LSTM`.
 */
export function lstm(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}): Layer {
  return recurrent(lstmCell, inputSize, hiddenSize, options);
}

/**
 * Gated recurrent unit: `r = σ(W_r x + U_r h)`, `z = σ(W_z x + U_z h)`, `n = tanh(W_n x + r (U_n h + c))`,
 * `h' = (1 - z) n + z h`, with biases.
 *
 * Input, output and options as of `lstm`; parameters too, with 3 hiddenSize rows, gates in the order r, z, n.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const classifier = sequential(gru(8, 24, { numLayers: 2, output: "last" }), linear(24, 10));
 * ```
 *
 * Source: Cho et al. (2014); PyTorch's `torch.nn.GRU`.
 */
export function gru(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}): Layer {
  return recurrent(gruCell, inputSize, hiddenSize, options);
}

function recurrent(cell: Cell, inputSize: number, hiddenSize: number, options: RecurrentOptions): Layer {
  const where = cell.kind === "LSTM" ? "lstm" : "gru";
  checkSizes(where, { inputSize, hiddenSize });
  checkOptions(where, options, OPTIONS);
  const { numLayers = 1, bias = true, batchFirst = true, dropout = 0 } = options;
  const { bidirectional = false, output = "sequence" } = options;
  const suffixes = bidirectional ? ["", "_reverse"] : [""];
  const rows = cell.gateOrder.length * hiddenSize;
  const initializer = uniformInit(1 / Math.sqrt(hiddenSize));
  const parameters: LayerParameter[] = [];
  for (let layer = 0; layer < numLayers; layer++) {
    const width = layer === 0 ? inputSize : hiddenSize * suffixes.length;
    for (const suffix of suffixes) {
      const add = (name: string, shape: readonly number[], role: "weight" | "bias") =>
        parameters.push({ name: `${name}_l${layer}${suffix}`, shape, role, initializer });
      add("weight_ih", [rows, width], "weight");
      add("weight_hh", [rows, hiddenSize], "weight");
      if (!bias) continue;
      add("bias_ih", [rows], "bias");
      add("bias_hh", [rows], "bias");
    }
  }
  const attributes = {
    hidden_size: hiddenSize,
    direction: bidirectional ? "bidirectional" : "forward",
    ...cell.attributes,
  };
  return {
    kind: cell.kind,
    parameters,
    takesLengths: true,
    forward(context, input, given) {
      const { g } = context;
      const joined = hiddenSize * suffixes.length;
      let x = batchFirst ? g.transpose(input!, [1, 0, 2]) : input!;
      const [length, batch] = x.shape as [number, number];
      const lengths = given ? checkedLengths(context, cell.kind, given, batch) : undefined;
      for (let layer = 0; layer < numLayers; layer++) {
        const [w, r, b] = onnxWeights(context, cell, layer, suffixes, bias);
        const outputs = output === "last" && layer === numLayers - 1 ? 2 : 1;
        const inputs = lengths ? [x, w!, r!, b ?? null, lengths] : b ? [x, w!, r!, b] : [x, w!, r!];
        const states = g.node(cell.kind, inputs, attributes, { outputs });
        if (outputs === 2) return g.reshape(g.transpose(states[1]!, [1, 0, 2]), [batch, joined]);
        // [L, D, N, H] to [L, N, D H]
        x = g.reshape(g.transpose(states[0]!, [0, 2, 1, 3]), [length, batch, joined]);
        if (layer < numLayers - 1) x = context.dropout(x, dropout);
      }
      return batchFirst ? g.transpose(x, [1, 0, 2]) : x;
    },
  };
}

/** Lengths as ONNX takes them. @throws {OnnxError} when there is not one for each sequence. */
function checkedLengths({ g }: LayerContext, kind: string, lengths: Value, batch: number): Value {
  const { dtype, shape } = lengths;
  if ((dtype === "int32" || dtype === "int64") && shape.length === 1 && shape[0] === batch) {
    return g.cast(lengths, "int32");
  }
  throw new OnnxError(
    {
      where: kind,
      expected: `lengths int32[${batch}], one for each sequence`,
      got: `${dtype}[${shape.join(", ")}]`,
    },
    { shapes: [shape] },
  );
}

/** W [D, rows, input], R [D, rows, hidden] and B [D, 2 rows] of a layer, in ONNX's order of gates. */
function onnxWeights(
  { g, parameter }: LayerContext,
  cell: Cell,
  layer: number,
  suffixes: readonly string[],
  bias: boolean,
): readonly Value[] {
  const gates = (name: string, suffix: string) =>
    reorder(g, parameter(`${name}_l${layer}${suffix}`), cell.gateOrder);
  const stack = (make: (suffix: string) => Value) =>
    g.concat(
      suffixes.map((suffix) => {
        const value = make(suffix);
        return g.reshape(value, [1, ...value.shape]);
      }),
      0,
    );
  const w = stack((suffix) => gates("weight_ih", suffix));
  const r = stack((suffix) => gates("weight_hh", suffix));
  if (!bias) return [w, r];
  return [w, r, stack((suffix) => g.concat([gates("bias_ih", suffix), gates("bias_hh", suffix)], 0))];
}

/** Puts equal blocks of rows into another order. */
function reorder(g: GraphBuilder, value: Value, order: readonly number[]): Value {
  const count = order.length;
  const blocks = g.node("Split", [value], { axis: 0, num_outputs: count }, { outputs: count });
  return g.concat(
    order.map((place) => blocks[place]!),
    0,
  );
}
