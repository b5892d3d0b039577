import { intsAttribute, numberAttribute } from "../attributes.js";
import type { ShapeContext, ShapeRule } from "../shape-rule.js";
import { inputAt, shapeError } from "../shape-rule.js";

/** Where a window (a convolution's kernel, a pool) stands over the spatial dimensions. */
export interface WindowGeometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before the first element of each spatial dimension. */
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  /** Sizes of the output's spatial dimensions. */
  readonly output: readonly number[];
}

/** Works out padding (`auto_pad` included) and output sizes of a convolution or pool over `input` (spatial sizes). */
export function windowGeometry(
  context: ShapeContext,
  input: readonly number[],
  kernel: readonly number[],
): WindowGeometry {
  const rank = input.length;
  const strides = intsAttribute(context, "strides") ?? input.map(() => 1);
  const dilations = intsAttribute(context, "dilations") ?? input.map(() => 1);
  const pads = intsAttribute(context, "pads") ?? new Array<number>(2 * rank).fill(0);
  const autoPad = (context.attributes["auto_pad"] as string | undefined) ?? "NOTSET";
  const ceilMode = numberAttribute(context, "ceil_mode", 0) === 1;
  if (
    kernel.length !== rank ||
    strides.length !== rank ||
    dilations.length !== rank ||
    pads.length !== 2 * rank
  ) {
    throw shapeError(context, `kernel, strides, dilations and pads for ${rank} spatial dimensions`);
  }
  const padsBegin = pads.slice(0, rank);
  const padsEnd = pads.slice(rank);
  const output = input.map((size, i) => {
    const span = dilations[i]! * (kernel[i]! - 1) + 1;
    const stride = strides[i]!;
    if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
      const out = Math.ceil(size / stride);
      const total = Math.max(0, (out - 1) * stride + span - size);
      const small = Math.floor(total / 2);
      padsBegin[i] = autoPad === "SAME_UPPER" ? small : total - small;
      padsEnd[i] = total - padsBegin[i]!;
      return out;
    }
    if (autoPad === "VALID") padsBegin[i] = padsEnd[i] = 0;
    const room = size + padsBegin[i]! + padsEnd[i]! - span;
    const steps = ceilMode ? Math.ceil(room / stride) : Math.floor(room / stride);
    if (steps < 0) {
      throw shapeError(context, `a window no larger than the padded input in spatial dimension ${i}`);
    }
    // A last window that would start inside the end padding is left out.
    return ceilMode && steps * stride >= size + padsBegin[i]! ? steps : steps + 1;
  });
  return { kernel, strides, dilations, padsBegin, padsEnd, output };
}

/**
 * How many elements each window of a pool averages, row-major over the output: those of the input, and with
 * `includePad` its padding, but not what `ceil_mode` lets the last window reach over.
 */
export function windowCounts(
  spatial: readonly number[],
  window: WindowGeometry,
  includePad: boolean,
): number[] {
  // Elements per window along each dimension; windows are their products.
  const lines = spatial.map((size, d) => {
    const low = includePad ? 0 : window.padsBegin[d]!;
    const high = window.padsBegin[d]! + size + (includePad ? window.padsEnd[d]! : 0);
    return Array.from({ length: window.output[d]! }, (_, o) => {
      const first = o * window.strides[d]!;
      const taps = Array.from({ length: window.kernel[d]! }, (_, k) => first + k * window.dilations[d]!);
      return taps.filter((at) => at >= low && at < high).length;
    });
  });
  return lines.reduce((all, line) => all.flatMap((a) => line.map((b) => a * b)), [1]);
}

const conv: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const w = inputAt(context, 1);
  const group = numberAttribute(context, "group", 1);
  if (x.shape.length < 3 || w.shape.length !== x.shape.length) {
    throw shapeError(context, "an input [N, C, …] and weights [M, C / group, …] of one rank, at least 3");
  }
  if (x.shape[1] !== w.shape[1]! * group || w.shape[0]! % group !== 0) {
    throw shapeError(
      context,
      `weights [M, C / group, …] for C = ${x.shape[1]} channels in ${group} group(s)`,
    );
  }
  const { output } = windowGeometry(context, x.shape.slice(2), w.shape.slice(2));
  return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[0]!, ...output] }];
};

const convTranspose: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const w = inputAt(context, 1);
  const group = numberAttribute(context, "group", 1);
  const rank = x.shape.length - 2;
  if (rank < 1 || w.shape.length !== x.shape.length || x.shape[1] !== w.shape[0]) {
    throw shapeError(context, "an input [N, C, …] and weights [C, M / group, …]");
  }
  const kernel = w.shape.slice(2);
  const strides = intsAttribute(context, "strides") ?? kernel.map(() => 1);
  const dilations = intsAttribute(context, "dilations") ?? kernel.map(() => 1);
  const pads = intsAttribute(context, "pads") ?? new Array<number>(2 * rank).fill(0);
  const outputPadding = intsAttribute(context, "output_padding") ?? kernel.map(() => 0);
  const outputShape = intsAttribute(context, "output_shape");
  const autoPad = (context.attributes["auto_pad"] as string | undefined) ?? "NOTSET";
  const spatial = x.shape.slice(2).map((size, i) => {
    if (outputShape) return outputShape[i]!;
    if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") return size * strides[i]!;
    const span = dilations[i]! * (kernel[i]! - 1) + 1;
    return strides[i]! * (size - 1) + outputPadding[i]! + span - pads[i]! - pads[rank + i]!;
  });
  return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[1]! * group, ...spatial] }];
};

const pool: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const kernel = intsAttribute(context, "kernel_shape");
  if (x.shape.length < 3 || !kernel) throw shapeError(context, "an input [N, C, …] and a kernel_shape");
  const { output } = windowGeometry(context, x.shape.slice(2), kernel);
  const shape = [x.shape[0]!, x.shape[1]!, ...output];
  return [
    { dtype: x.dtype, shape },
    { dtype: "int64", shape },
  ];
};

const globalPool: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  if (x.shape.length < 3) throw shapeError(context, "an input [N, C, …]");
  return [{ dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, ...x.shape.slice(2).map(() => 1)] }];
};

/** Shape rules of convolutions and pools. */
export const windowShapes = {
  AveragePool: pool,
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  MaxPool: pool,
} satisfies Record<string, ShapeRule>;
