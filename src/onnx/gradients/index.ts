import type { TypedOp } from "../shapes/index.js";
import { activationGradients } from "./activation.js";
import { arithmeticGradients } from "./arithmetic.js";
import { convGradients } from "./conv.js";
import { cumSumGradients } from "./cumsum.js";
import { dropoutGradients } from "./dropout.js";
import { einsumGradients } from "./einsum.js";
import { gatherGradients } from "./gather.js";
import { layoutGradients } from "./layout.js";
import { linearGradients } from "./linear.js";
import { mathGradients } from "./math.js";
import { normalizationGradients } from "./normalization.js";
import { padGradients } from "./pad.js";
import { poolGradients } from "./pool.js";
import { recurrentGradients } from "./recurrent.js";
import { reduceGradients } from "./reduce.js";
import { resizeGradients } from "./resize.js";
import type { GradientRule } from "./rule.js";
import { selectionGradients } from "./selection.js";
import { softmaxGradients } from "./softmax.js";

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
