import { activationGradients } from "./activation/gradient.js";
import { convGradients } from "./conv/gradient.js";
import { dropoutGradients } from "./dropout/gradient.js";
import { einsumGradients } from "./einsum/gradient.js";
import { arithmeticGradients } from "./elementwise/arithmetic.js";
import { mathGradients } from "./elementwise/math.js";
import { gatherGradients } from "./gather/gradient.js";
import type { GradientRule } from "./gradient-rule.js";
import { layoutGradients } from "./layout/gradient.js";
import { padGradients } from "./layout/pad.js";
import { linearGradients } from "./linear/gradient.js";
import { normalizationGradients } from "./normalization/gradient.js";
import { poolGradients } from "./pool/gradient.js";
import { recurrentGradients } from "./recurrent/gradient.js";
import { cumSumGradients } from "./reduce/cumsum.js";
import { reduceGradients } from "./reduce/gradient.js";
import { resizeGradients } from "./resize/gradient.js";
import { selectionGradients } from "./selection/gradient.js";
import type { TypedOp } from "./shapes.js";
import { softmaxGradients } from "./softmax/gradient.js";

/**
 * The gradient rule of every operator that can be differentiated. An operator that has a shape rule does not
 * compile without one, unless `nonDifferentiable` lists it.
 */
export const gradientRules = {
  ...activationGradients,
  ...arithmeticGradients,
  ...convGradients,
  ...cumSumGradients,
  ...dropoutGradients,
  ...einsumGradients,
  ...gatherGradients,
  ...layoutGradients,
  ...linearGradients,
  ...mathGradients,
  ...normalizationGradients,
  ...padGradients,
  ...poolGradients,
  ...recurrentGradients,
  ...reduceGradients,
  ...resizeGradients,
  ...selectionGradients,
  ...softmaxGradients,
} satisfies Record<Exclude<TypedOp, NonDifferentiableOp>, GradientRule>;

/** Operators whose outputs are constant almost everywhere, or are no floats: the gradient ends there. */
export const nonDifferentiable = [
  "And",
  "ArgMax",
  "ArgMin",
  "BitShift",
  "BitwiseAnd",
  "BitwiseXor",
  "Ceil",
  "Constant",
  "ConstantOfShape",
  "Equal",
  "EyeLike",
  "Floor",
  "Greater",
  "GreaterOrEqual",
  "IsInf",
  "IsNaN",
  "Less",
  "LessOrEqual",
  "Not",
  "OneHot",
  "Or",
  "Range",
  "Round",
  "Shape",
  "Sign",
  "Size",
  "Xor",
] as const;

/** An operator with a gradient rule. */
export type DifferentiableOp = keyof typeof gradientRules;

/** An operator at which gradients end. */
export type NonDifferentiableOp = (typeof nonDifferentiable)[number];
