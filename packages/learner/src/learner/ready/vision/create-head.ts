import type { Layer } from "@lrfind/engine";
import {
  adaptiveAvgPool2d,
  adaptiveConcatPool2d,
  flatten,
  kaimingNormal,
  linBnDrop,
  linear,
  relu,
  sequential,
  sigmoidRange,
} from "@lrfind/engine";
import { boolean, type Checks, oneOf, range } from "lrfind/core";
import { check, checkLearnerOptions, drops, size, widths } from "../../checks.js";
import { LearnerError } from "../../errors.js";

/** Options of a head. */
export interface HeadOptions {
  /**
   * How features [N, C, H, W] become [N, F]: maximum and average side by side (F = 2 C), the average alone (F = C), or
   * not at all, where the body gives [N, F] already. Default: "concat".
   */
  readonly pool?: "concat" | "avg" | "none";
  /** Widths of the hidden layers; none makes a single linear layer. Default: [512]. */
  readonly linFtrs?: readonly number[];
  /**
   * Probability of dropout before the last layer; half of it before the others. Or one for each layer.
   * Default: 0.5.
   */
  readonly ps?: number | readonly number[];
  /** Whether there is batch-norm before each linear layer. Default: true. */
  readonly bn?: boolean;
  /** The interval of the outputs, for numbers that have one. Default: none. */
  readonly yRange?: readonly [low: number, high: number];
}

/** The checks of a head's options. */
export const HEAD_OPTIONS: Checks<HeadOptions> = {
  pool: oneOf("concat", "avg", "none"),
  linFtrs: widths,
  ps: drops,
  bn: boolean,
  yRange: range,
};

/**
 * A head for a body of an image model: pool, then for each layer batch-norm, dropout and a linear layer, with
 * rectifiers between.
 *
 * Input [N, features, H, W] (or [N, features] without a pool), output [N, outputs]. Linear weights start as He et al.
 * (2015) have it.
 *
 * @param features - Channels that the body gives.
 * @param outputs - Classes, or numbers.
 * @throws {LearnerError} when an argument cannot be used, an option does not exist, or `ps` has another length than there are layers.
 *
 * @example
 * ```ts
 * createHead(512, 37); // 1024 → 512 → 37 after a pool
 * createHead(64, 10, { pool: "avg", linFtrs: [], ps: 0, bn: false }); // a pooled linear layer
 * ```
 *
 * Source: fastai's `create_head`.
 */
export function createHead(features: number, outputs: number, options: HeadOptions = {}): Layer {
  check("createHead", "features", features, size);
  check("createHead", "outputs", outputs, size);
  checkLearnerOptions("createHead", options, HEAD_OPTIONS);
  const { pool = "concat", linFtrs = [512], bn = true, yRange } = options;
  const widths = [pool === "concat" ? 2 * features : features, ...linFtrs, outputs];
  const layers = widths.length - 1;
  const ps = dropouts(options.ps ?? 0.5, layers);
  const blocks = Array.from({ length: layers }, (_, i) => {
    const [from, to] = [widths[i]!, widths[i + 1]!];
    const isLast = i === layers - 1;
    if (!bn && ps[i] === 0 && isLast) return linear(from, to, { weightInit: kaimingNormal() });
    return linBnDrop(from, to, {
      bn,
      p: ps[i]!,
      weightInit: kaimingNormal(),
      ...(isLast ? {} : { act: relu() }),
    });
  });
  return sequential(
    ...(pool === "none"
      ? []
      : [pool === "concat" ? adaptiveConcatPool2d() : adaptiveAvgPool2d(1), flatten()]),
    ...blocks,
    ...(yRange ? [sigmoidRange(...yRange)] : []),
  );
}

function dropouts(ps: number | readonly number[], layers: number): readonly number[] {
  if (typeof ps === "number")
    return Array.from({ length: layers }, (_, i) => (i === layers - 1 ? ps : ps / 2));
  if (ps.length === layers) return ps;
  throw new LearnerError({
    where: "createHead ps",
    expected: `${layers} dropout probabilities, one per linear layer`,
    got: String(ps.length),
  });
}
