import { checkArgument, instanceOf, number } from "lrfind/core";
import { RandomSequence } from "./sequence.js";

const SHAPE = number({ above: 0 });
const SEQUENCE = instanceOf(RandomSequence, "a RandomSequence");

/**
 * The next number of a beta distribution, in [0, 1]: `A / (A + B)` of gamma variates of shapes a and b, worked out by
 * their logarithms, which small shapes do not underflow.
 *
 * @param random - Where it is drawn from; how many words it takes varies.
 * @param a - Above 0.
 * @param b - Above 0.
 * @throws {OptionError} when an argument is not what it should be.
 *
 * @example
 * ```ts
 * const share = beta(new RandomSequence({ seed, stream: "mixUp", epoch, step }), 0.4, 0.4);
 * ```
 *
 * Source: Marsaglia and Tsang, A simple method for generating gamma variables (2000).
 */
export function beta(random: RandomSequence, a: number, b: number): number {
  checkArgument("beta", "random", random, SEQUENCE);
  checkArgument("beta", "a", a, SHAPE);
  checkArgument("beta", "b", b, SHAPE);
  return 1 / (1 + Math.exp(logGammaVariate(random, b) - logGammaVariate(random, a)));
}

/** The logarithm of a gamma variate. One of a shape below 1 is one of a shape more by 1, times `U^(1 / shape)`. */
function logGammaVariate(random: RandomSequence, shape: number): number {
  if (shape < 1) return logGammaVariate(random, shape + 1) + Math.log(positiveUniform(random)) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(positiveUniform(random)) < x ** 2 / 2 + d - d * v + d * Math.log(v)) {
      return Math.log(d * v);
    }
  }
}

/** Uniform in (0, 1): half a unit keeps the logarithm finite. */
function positiveUniform(random: RandomSequence): number {
  return (random.uint32() + 0.5) * 2 ** -32;
}
