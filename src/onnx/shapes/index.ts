import { OnnxError } from "../errors.js";
import { einsumShapes } from "./einsum.js";
import { elementwiseShapes } from "./elementwise.js";
import { gatherShapes } from "./gather.js";
import { generateShapes } from "./generate.js";
import { layoutShapes } from "./layout.js";
import { linearShapes } from "./linear.js";
import { normalizationShapes } from "./normalization.js";
import { recurrentShapes } from "./recurrent.js";
import { reduceShapes } from "./reduce.js";
import { resizeShapes } from "./resize.js";
import type { ShapeContext, ShapeRule, ValueType } from "./rule.js";
import { windowShapes } from "./window.js";

/** The shape rule of every operator that lrfind emits. */
export const shapeRules = {
  ...einsumShapes,
  ...elementwiseShapes,
  ...gatherShapes,
  ...generateShapes,
  ...layoutShapes,
  ...linearShapes,
  ...normalizationShapes,
  ...recurrentShapes,
  ...reduceShapes,
  ...resizeShapes,
  ...windowShapes,
} satisfies Record<string, ShapeRule>;

/** An operator whose outputs lrfind can type by itself. */
export type TypedOp = keyof typeof shapeRules;

/**
 * Types the outputs of a node from its inputs and attributes.
 *
 * @throws {OnnxError} when the inputs do not fit the operator, or there is no rule for it.
 */
export function inferShapes(context: ShapeContext): readonly (ValueType | null)[] {
  const rule = (shapeRules as Record<string, ShapeRule | undefined>)[context.opType];
  if (!rule) {
    throw new OnnxError(
      `${context.opType} (node "${context.name}"): expected an operator with a shape rule; try giving the node its output types`,
      { op: context.opType, node: context.name },
    );
  }
  return rule(context);
}
