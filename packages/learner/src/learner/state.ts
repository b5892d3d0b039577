import type { Model, Tensor } from "@lrfind/engine";
import { initialTensors } from "@lrfind/engine";
import { slotName } from "@lrfind/engine/internal";

/** Tensors of a state, by name. */
export type StateTensors = Readonly<Record<string, Tensor<"float32">>>;

/**
 * All that training changes, as an immutable value: a step maps a state to a new one.
 */
export interface TrainState {
  /** By name: `param:NAME`, `buffer:NAME` and, once a step has made them, the optimizer's `slot:SLOT:NAME`. */
  readonly tensors: StateTensors;
  /** Optimizer steps made. */
  readonly step: number;
  /** Epochs finished; the next one's mini-batches follow from it. */
  readonly epoch: number;
  /**
   * Optimizer steps that each parameter has taken part in, by the parameter's name: a frozen one's stand still, and
   * with it its bias correction. Absent: 0.
   */
  readonly ages: Readonly<Record<string, number>>;
}

/** The state that training starts from. */
export function initialState(model: Model, seed: number): TrainState {
  const { parameters, buffers } = initialTensors(model, seed);
  const tensors: Record<string, Tensor<"float32">> = {};
  for (const [name, tensor] of parameters) tensors[slotName.param(name)] = tensor;
  for (const [name, tensor] of buffers) tensors[slotName.buffer(name)] = tensor;
  return { tensors, step: 0, epoch: 0, ages: {} };
}
