import type { Value } from "../../onnx/index.js";
import type { Optimizer, PreparedGradient, UpdateContext } from "./optimizer.js";

/** What a `StepTransform` is told after the optimizer. */
export interface AfterContext extends UpdateContext {
  /** What the optimizer, and what stands between it and this transform, made of the parameter. */
  readonly updated: Value;
}

/** What stands after the optimizer makes of a parameter and its own slots. */
export interface AfterUpdate {
  readonly parameter: Value;
  readonly slots?: Readonly<Record<string, Value>>;
}

/**
 * A part of a chain beside its optimizer: it changes gradients before it, or parameters after it, and may keep tensors for
 * each parameter from step to step. In the chain its slots, scalars and hyper-parameters are behind its own name:
 * "ema.average".
 *
 * @example
 * ```ts
 * // Parameters that never leave [-1, 1].
 * const inUnitRange: StepTransform = {
 *   name: "inUnitRange",
 *   after: ({ g, updated }) => ({ parameter: g.max(g.min(updated, 1), -1) }),
 * };
 * new Learner({ ...parts, optFunc: chain(sgd(), inUnitRange) });
 * ```
 */
export interface StepTransform
  extends Partial<
    Pick<Optimizer, "slots" | "parameterSlots" | "averages" | "watchedSlots" | "nonNegativeSlots">
  > {
  /** A letter, then letters and digits. */
  readonly name: string;
  /** Its hyper-parameters by name, with their values unless a schedule sets others. */
  readonly defaults?: Readonly<Record<string, number>>;
  /**
   * The scalars that the graph is fed at a step.
   *
   * @param step - How many steps the parameter has taken part in, this one included: from 1.
   * @param hyper - Its own hyper-parameters.
   */
  scalars?(step: number, hyper: Readonly<Record<string, number>>): Readonly<Record<string, number>>;
  /** Changes a parameter's gradient. Then its place is before the optimizer. */
  before?(context: UpdateContext): PreparedGradient;
  /** Changes what a parameter becomes. */
  after?(context: AfterContext): AfterUpdate;
}
