import { checkArgument, integer } from "lrfind/core";
import type { DType, GraphBuilder, Target, Tensor, Value } from "../onnx/index.js";

import { model as modelCheck } from "./checks.js";

/** What a parameter is, which decides how it is treated: normalisation and biases are not weight-decayed. */
export type ParameterRole = "weight" | "bias" | "norm";

/** A trainable tensor of a model. */
export interface ParameterSpec {
  /** Unique in the model: the layers' names joined by dots, such as "0.weight". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /**
   * Rows, of dimension 0, that training leaves as they are, such as padding's in an embedding: they get no gradient, no
   * decay and no momentum. Default: none.
   */
  readonly fixedRows?: readonly number[];
  /** The value training starts from; a fresh array each time. Models with pretrained weights ignore the seed. */
  initial(seed: number): Float32Array;
}

/** A tensor that training changes but no gradient reaches: running statistics. */
export interface BufferSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** The value training starts from; a fresh array each time. */
  initial(): Float32Array;
}

/** Parameters that share a learning rate, first layers first. */
export interface ParamGroup {
  readonly name: string;
  /** Names of the parameters. */
  readonly parameters: readonly string[];
}

/** An input of a model, for a mini-batch of any size. */
export interface InputSpec {
  readonly dtype: DType;
  /** Shape of one item, without the batch dimension. */
  readonly itemShape: readonly number[];
}

/** A random mask that a training step is fed: each element is `1 / keepProb` with probability `keepProb`, else 0. */
export interface MaskSpec {
  /** Name of the graph input, unique in the model: also the stream of its random numbers. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly keepProb: number;
}

/** What a model may ask for while it adds its forward pass to a graph. */
export interface ForwardContext {
  readonly g: GraphBuilder;
  /** Whether this pass trains: dropout drops, batch-norm uses the batch's statistics. */
  readonly training: boolean;
  readonly target: Target;
  /** The value of a parameter or buffer, by its name in the model. */
  parameter(name: string): Value;
  buffer(name: string): Value;
  /** Whether the parameter of this name is being trained (false: its group is frozen). */
  isTrained(name: string): boolean;
  /** Whether the buffer of this name is to stay as it is: its batch-norm runs in evaluation form though the rest trains. */
  isHeld(name: string): boolean;
  /** Says what a buffer becomes after this step. */
  updateBuffer(name: string, value: Value): void;
  /** `x` with elements dropped with probability `p` and the rest scaled by `1 / (1 - p)`; `x` itself when not training. */
  dropout(x: Value, p: number): Value;
}

/** Something with parameters whose forward pass can be added to a graph. */
export interface Model {
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  /** Tensors that nothing changes and that could be parameters, for summaries: an imported model's own buffers. */
  readonly fixed?: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** How the parameters fall into groups unless the user says otherwise. Default: one group, "all". */
  readonly paramGroups?: readonly ParamGroup[];
  /** What goes in, where the model knows it (an imported file does). */
  readonly inputs?: readonly InputSpec[];
  /** Adds the forward pass for inputs of concrete shapes and returns the prediction. */
  forward(context: ForwardContext, inputs: readonly Value[]): Value;
  /**
   * Gets ready for inputs of concrete shapes, once before `forward` is called with them. An imported model finds
   * the shapes of its intermediates here.
   */
  prepare?(inputs: readonly { readonly dtype: DType; readonly shape: readonly number[] }[]): Promise<void>;
}

/** The tensors of a model, by name. */
export type NamedTensors = ReadonlyMap<string, Tensor<"float32">>;

/**
 * The parameters and buffers that training a model starts from.
 *
 * @param seed - Which random weights, an integer in [0, 2⁵³); a pretrained model has its own. Default 0.
 * @throws {OptionError} when an argument is not what it should be.
 */
export function initialTensors(model: Model, seed = 0): { parameters: NamedTensors; buffers: NamedTensors } {
  checkArgument("initialTensors", "model", model, modelCheck);
  checkArgument("initialTensors", "seed", seed, integer({ min: 0 }));
  const parameters = model.parameters.map(
    ({ name, shape, initial }) => [name, shape, initial(seed)] as const,
  );
  const buffers = model.buffers.map(({ name, shape, initial }) => [name, shape, initial()] as const);
  const pack = (list: typeof parameters) =>
    new Map(list.map(([name, shape, data]) => [name, { dtype: "float32" as const, shape, data }]));
  return { parameters: pack(parameters), buffers: pack(buffers) };
}
