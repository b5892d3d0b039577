import type { GraphBuilder } from "../builder.js";
import type { Value } from "../graph.js";
import type { WindowGeometry } from "../shapes/window.js";
import { sizeOf, tensor } from "../tensor.js";
import type { Target } from "./rule.js";
import { padSpatial } from "./window.js";

/** What a max pool's gradient depends on besides its values. */
export interface MaxPoolOptions {
  readonly window: WindowGeometry;
  readonly target: Target;
}

/**
 * Gradient of a max pool: each window's gradient goes to the first (row-major) of its largest elements.
 *
 * @param x - `[N, C, …input]`.
 * @param y - `[N, C, …output]`, the pool's output.
 * @param dy - Gradient of `y`.
 * @returns `[N, C, …input]`.
 */
export function maxPoolGradient(
  g: GraphBuilder,
  x: Value,
  y: Value,
  dy: Value,
  options: MaxPoolOptions,
): Value {
  const { window } = options;
  return isTiling(window) ? tilingGradient(g, x, y, dy, window) : indexGradient(g, x, dy, window);
}

function isTiling({ kernel, strides, dilations, padsBegin, padsEnd }: WindowGeometry): boolean {
  return kernel.every(
    (k, i) => strides[i] === k && (dilations[i] === 1 || k === 1) && padsBegin[i] === 0 && padsEnd[i]! <= 0,
  );
}

/** Windows that neither overlap nor leave the input. */
function tilingGradient(
  g: GraphBuilder,
  x: Value,
  y: Value,
  dy: Value,
  { kernel, output }: WindowGeometry,
): Value {
  const covered = output.map((o, i) => o * kernel[i]!);
  const rest = covered.map((size, i) => x.shape[i + 2]! - size);
  const none = rest.map(() => 0);
  const inside = padSpatial(
    g,
    x,
    none,
    rest.map((r) => -r),
  );
  const up = (value: Value) =>
    g.op("Resize", [value, null, g.constant(tensor("float32", [kernel.length + 2], [1, 1, ...kernel]))], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
  // Among the largest of a window the first one has the highest rank.
  const size = sizeOf(covered);
  const ranks = Array.from({ length: size }, (_, flat) => {
    let rest = flat;
    let rank = 0;
    let unit = 1;
    for (let d = covered.length - 1; d >= 0; d--) {
      rank += ((rest % covered[d]!) % kernel[d]!) * unit;
      unit *= kernel[d]!;
      rest = Math.floor(rest / covered[d]!);
    }
    return sizeOf(kernel) - rank;
  });
  const rank = g.constant(tensor(x.dtype, [1, 1, ...covered], ranks));
  const candidates = g.where(g.equal(inside, up(y)), rank, g.scalar(0, x.dtype));
  const first = g.op("MaxPool", [candidates], { kernel_shape: kernel, strides: kernel });
  const dx = g.mul(up(dy), g.cast(g.equal(candidates, up(first)), x.dtype));
  return padSpatial(g, dx, none, rest);
}

function indexGradient(g: GraphBuilder, x: Value, dy: Value, window: WindowGeometry): Value {
  const [, indices] = g.node(
    "MaxPool",
    [x],
    {
      kernel_shape: window.kernel,
      strides: window.strides,
      dilations: window.dilations,
      pads: [...window.padsBegin, ...window.padsEnd],
    },
    { outputs: 2 },
  );
  const flat = g.op(
    "ScatterElements",
    [
      g.zeros([sizeOf(x.shape)], x.dtype),
      g.reshape(indices!, [sizeOf(dy.shape)]),
      g.reshape(dy, [sizeOf(dy.shape)]),
    ],
    {
      axis: 0,
      reduction: "add",
    },
  );
  return g.reshape(flat, x.shape);
}
