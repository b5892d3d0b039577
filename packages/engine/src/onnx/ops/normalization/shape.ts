import { numberAttribute } from "../attributes.js";
import type { ShapeRule } from "../shape-rule.js";
import { inputAt, normalizeAxis } from "../shape-rule.js";

const same: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  return [{ dtype, shape }];
};

const batchNormalization: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const y = { dtype: x.dtype, shape: x.shape };
  if (numberAttribute(context, "training_mode", 0) === 0) return [y];
  const statistic = { dtype: x.dtype, shape: [x.shape[1] ?? 1] };
  return [y, statistic, statistic];
};

const layerNormalization: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  const axis = normalizeAxis(context, numberAttribute(context, "axis", -1), shape.length);
  const statistic = { dtype, shape: shape.map((dim, i) => (i < axis ? dim : 1)) };
  return [{ dtype, shape }, statistic, statistic];
};

/** Shape rules of normalisations. */
export const normalizationShapes = {
  BatchNormalization: batchNormalization,
  GroupNormalization: same,
  InstanceNormalization: same,
  LayerNormalization: layerNormalization,
  LpNormalization: same,
} satisfies Record<string, ShapeRule>;
