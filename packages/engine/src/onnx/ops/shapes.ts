import { OnnxError } from "../errors.js";
import { einsumShapes } from "./einsum/shape.js";
import { elementwiseShapes } from "./elementwise/shape.js";
import { gatherShapes } from "./gather/shape.js";
import { generateShapes } from "./generate/shape.js";
import { layoutShapes } from "./layout/shape.js";
import { linearShapes } from "./linear/shape.js";
import { normalizationShapes } from "./normalization/shape.js";
import { recurrentShapes } from "./recurrent/shape.js";
import { reduceShapes } from "./reduce/shape.js";
import { resizeShapes } from "./resize/shape.js";
import type { ShapeContext, ShapeRule, ValueType } from "./shape-rule.js";
import { windowShapes } from "./window/shape.js";

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
      {
        where: `${context.opType} (node "${context.name}")`,
        expected: "an operator with a shape rule",
        hint: "giving the node its output types",
      },
      { op: context.opType, node: context.name },
    );
  }
  return rule(context);
}
