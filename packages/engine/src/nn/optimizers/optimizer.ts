import type { GraphBuilder, Value } from "../../onnx/index.js";

/** Hyper-parameters of a step, apart from the learning rates. */
export interface Hyper {
  /** Momentum, or Adam's first decay rate. */
  readonly mom: number;
  /** Weight decay. */
  readonly wd: number;
}

/** One parameter's part of an optimizer step. */
export interface UpdateContext {
  readonly g: GraphBuilder;
  readonly parameter: Value;
  readonly gradient: Value;
  /** Learning rate of the parameter's group, a scalar. */
  readonly lr: Value;
  /** Whether weight decay applies to this parameter. */
  readonly decays: boolean;
  /** The parameter's own state, by slot name. */
  slot(name: string): Value;
  /** A scalar of this step, by the names that `scalars` gives. */
  scalar(name: string): Value;
}

/** What a step makes of a parameter and its slots. */
export interface Update {
  readonly parameter: Value;
  readonly slots: Readonly<Record<string, Value>>;
}

/** A rule that turns gradients into new parameters, as nodes of the training graph. */
export interface Optimizer {
  readonly name: string;
  /** Hyper-parameters unless the training loop sets others. */
  readonly defaults: Hyper;
  /** Names of the tensors that it keeps for each parameter, of the parameter's shape and zero at first. */
  readonly slots: readonly string[];
  /**
   * Those of `slots` that can become infinite while the parameter stays finite: each step looks at them too before
   * it counts. A slot that would take the parameter along, as a velocity does, need not be looked at.
   *
   * @default all of `slots`
   */
  readonly watchedSlots?: readonly string[];
  /**
   * The slots whose square root the update takes: a loaded state in which one is negative is refused.
   *
   * @default none
   */
  readonly nonNegativeSlots?: readonly string[];
  /**
   * The scalars that the graph is fed at a step, such as bias corrections.
   *
   * @param step - Number of this step, from 1.
   */
  scalars(step: number, hyper: Hyper): Readonly<Record<string, number>>;
  /** Adds one parameter's update to the graph. */
  update(context: UpdateContext): Update;
}
