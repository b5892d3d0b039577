import { sizeOf } from "../../graph/tensor.js";
import type { GradientRule } from "../gradient-rule.js";
import { averagePoolGradient } from "./average.js";
import { maxPoolGradient } from "./max.js";

const globalAveragePool: GradientRule = ({ g, dy, input }) => {
  const { shape } = input(0);
  return [g.expand(g.mul(dy, 1 / sizeOf(shape.slice(2))), shape)];
};

/** The gradient goes to the first of the largest elements. */
const globalMaxPool: GradientRule = ({ g, dy, input }) => {
  const { shape, dtype } = input(0);
  const [n, c, ...spatial] = shape as [number, number, ...number[]];
  const flat = [n, c, sizeOf(spatial)];
  const first = g.op("ArgMax", [g.reshape(input(0), flat)], { axis: 2, keepdims: 1 });
  const positions = g.constant({
    dtype: "int64",
    shape: [1, 1, sizeOf(spatial)],
    data: BigInt64Array.from({ length: sizeOf(spatial) }, (_, i) => BigInt(i)),
  });
  const chosen = g.cast(g.equal(positions, first), dtype);
  return [g.reshape(g.mul(chosen, g.reshape(dy, [n, c, 1])), shape)];
};

/** Gradients of pools. */
export const poolGradients = {
  AveragePool: averagePoolGradient,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  MaxPool: maxPoolGradient,
} satisfies Record<string, GradientRule>;
