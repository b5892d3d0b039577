import type { Model } from "../nn/index.js";
import { initialTensors } from "../nn/index.js";
import type { Tensor } from "../onnx/index.js";

/**
 * All that training changes, as an immutable value: a step maps a state to a new one.
 */
export interface TrainState {
  /** By name: `param:NAME`, `buffer:NAME` and, once a step has made them, the optimizer's `slot:SLOT:NAME`. */
  readonly tensors: Readonly<Record<string, Tensor<"float32">>>;
  /** Optimizer steps made. */
  readonly step: number;
  /** Epochs finished; the next one's mini-batches follow from it. */
  readonly epoch: number;
}

/** The state that training starts from. */
export function initialState(model: Model, seed: number): TrainState {
  const { parameters, buffers } = initialTensors(model, seed);
  const tensors: Record<string, Tensor<"float32">> = {};
  for (const [name, tensor] of parameters) tensors[`param:${name}`] = tensor;
  for (const [name, tensor] of buffers) tensors[`buffer:${name}`] = tensor;
  return { tensors, step: 0, epoch: 0 };
}
