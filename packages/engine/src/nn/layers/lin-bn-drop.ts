import { boolean, type Checks, checkOptions } from "lrfind/core";
import { checkSizes, dropProbability, initializer, layer } from "../checks.js";
import type { Initializer } from "../initializers.js";
import type { Layer } from "../layer.js";
import { batchNorm1d } from "./batch-norm.js";
import { linear } from "./linear.js";
import { dropout, sequential } from "./sequential.js";

/** Options of a linear layer with its batch-norm and dropout. */
export interface LinBnDropOptions {
  /** Whether there is a batch-norm; the linear layer then has no bias. Default: true. */
  readonly bn?: boolean;
  /** Probability of dropping an element; 0 leaves dropout out. Default: 0. */
  readonly p?: number;
  /** Activation after the linear layer. Default: none. */
  readonly act?: Layer;
  /** Linear, activation, batch-norm, dropout; else batch-norm, dropout, linear, activation. Default: false. */
  readonly linFirst?: boolean;
  /** First value of the weight. Default: as `linear` has it. */
  readonly weightInit?: Initializer;
}

const OPTIONS: Checks<LinBnDropOptions> = {
  bn: boolean,
  p: dropProbability,
  act: layer,
  linFirst: boolean,
  weightInit: initializer,
};

/**
 * A linear layer with batch-norm, dropout and an activation: the block that heads are built of.
 *
 * Input [N, inFeatures], output [N, outFeatures]; a `sequential` of the parts that are there.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const head = sequential(linBnDrop(512, 64, { p: 0.25, act: relu() }), linBnDrop(64, 10, { p: 0.5 }));
 * ```
 *
 * Source: fastai's `LinBnDrop`.
 */
export function linBnDrop(inFeatures: number, outFeatures: number, options: LinBnDropOptions = {}): Layer {
  checkSizes("linBnDrop", { inFeatures, outFeatures });
  checkOptions("linBnDrop", options, OPTIONS);
  const { bn = true, p = 0, act, linFirst = false, weightInit } = options;
  const regularize = [
    ...(bn ? [batchNorm1d(linFirst ? outFeatures : inFeatures)] : []),
    ...(p > 0 ? [dropout(p)] : []),
  ];
  const lin = linear(inFeatures, outFeatures, { bias: !bn, ...(weightInit ? { weightInit } : {}) });
  const compute = act ? [lin, act] : [lin];
  return sequential(...(linFirst ? [...compute, ...regularize] : [...regularize, ...compute]));
}
