import type { GraphBuilder, Value } from "../../onnx/index.js";

/** Hyper-parameters of a step by name, apart from the learning rates: those that the optimizer's `defaults` name. */
export interface Hyper {
  /** Momentum, or Adam's first decay rate; 0 for an optimizer that has none. */
  readonly mom: number;
  /** Weight decay. */
  readonly wd: number;
  readonly [name: string]: number;
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

/** A gradient that was changed, and what became of the slots of whatever changed it. */
export interface PreparedGradient {
  readonly gradient: Value;
  readonly slots?: Readonly<Record<string, Value>>;
}

/** What a step makes of a parameter and its slots. */
export interface Update {
  readonly parameter: Value;
  readonly slots: Readonly<Record<string, Value>>;
}

/** A rule that turns gradients into new parameters, as nodes of the training graph. */
export interface Optimizer {
  readonly name: string;
  /** Its hyper-parameters by name, with their values unless the training loop sets others. */
  readonly defaults: Hyper;
  /** Names of the tensors that it keeps for each parameter, of the parameter's shape and zero at first. */
  readonly slots: readonly string[];
  /**
   * Those of `slots` that are the parameter itself at first: averages of weights.
   * @default none
   */
  readonly parameterSlots?: readonly string[];
  /**
   * Those of `slots` that `Learner.useAverage` can put into the parameters' place.
   * @default none
   */
  readonly averages?: readonly string[];
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
  /**
   * Changes the gradients before the updates: those of all parameters, for what looks at them together. The slots that it
   * gives are not given by `update` again.
   *
   * @param steps - What `update` would be told, by the parameter's name.
   * @returns A gradient for each.
   */
  prepare?(steps: ReadonlyMap<string, UpdateContext>): ReadonlyMap<string, PreparedGradient>;
  /** Adds one parameter's update to the graph. */
  update(context: UpdateContext): Update;
}
