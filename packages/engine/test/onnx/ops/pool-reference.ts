/** A pool of one image, in ONNX's terms: padding, and dilation, of either kind. */
export interface PoolGeometry {
  readonly op: "MaxPool" | "AveragePool";
  /** Sizes of the input's spatial dimensions. */
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  readonly ceil: boolean;
  readonly includePad: boolean;
}

/** The places of one window. */
interface Window {
  /** Indices of the input's elements in it, row-major. */
  readonly elements: readonly number[];
  /** How many places it has within the input and its padding. */
  readonly places: number;
}

/** The number of windows along each dimension, counted one by one. */
export function outputSize({
  size,
  kernel,
  strides,
  dilations,
  padsBegin,
  padsEnd,
  ceil,
}: PoolGeometry): number[] {
  return size.map((n, d) => {
    const span = (kernel[d]! - 1) * dilations[d]! + 1;
    const end = n + padsEnd[d]!;
    let count = 0;
    for (let start = -padsBegin[d]!; ; start += strides[d]!) {
      const isInside = start + span <= end;
      // Rounding up adds the one window that reaches beyond the end, if it starts in the input or before it.
      const isLast = ceil && !isInside && start - strides[d]! + span < end && start < n;
      if (!isInside && !isLast) return count;
      count++;
      if (!isInside) return count;
    }
  });
}

function windowsOf(geometry: PoolGeometry): Window[] {
  const { size, kernel, strides, dilations, padsBegin, padsEnd } = geometry;
  return grid(outputSize(geometry)).map((place) => {
    let places = 0;
    const elements: number[] = [];
    for (const offset of grid(kernel)) {
      const at = place.map((o, d) => o * strides[d]! + offset[d]! * dilations[d]! - padsBegin[d]!);
      if (at.every((a, d) => a < size[d]! + padsEnd[d]!)) places++;
      if (at.every((a, d) => a >= 0 && a < size[d]!)) {
        elements.push(at.reduce((index, a, d) => index * size[d]! + a, 0));
      }
    }
    return { elements, places };
  });
}

function grid(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, size) => all.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}

/** Whether each window holds an element of the input. */
export function isFilled(geometry: PoolGeometry): boolean {
  return windowsOf(geometry).every(({ elements }) => elements.length > 0);
}

/**
 * The pool of images [images, …size], loop by loop in float64, and its gradient for given gradients by the output.
 */
export function referencePool(
  geometry: PoolGeometry,
  x: ArrayLike<number>,
  weights: ArrayLike<number>,
): { y: number[]; dx: number[] } {
  const windows = windowsOf(geometry);
  const length = geometry.size.reduce((a, b) => a * b, 1);
  const y: number[] = [];
  const dx = new Array<number>(x.length).fill(0);
  for (let start = 0; start < x.length; start += length) {
    for (const { elements, places } of windows) {
      const dy = weights[y.length]!;
      if (geometry.op === "MaxPool") {
        const largest = elements.reduce((best, i) => (x[start + i]! > x[start + best]! ? i : best));
        y.push(x[start + largest]!);
        dx[start + largest]! += dy;
      } else {
        const count = geometry.includePad ? places : elements.length;
        y.push(elements.reduce((sum, i) => sum + x[start + i]!, 0) / count);
        for (const i of elements) dx[start + i]! += dy / count;
      }
    }
  }
  return { y, dx };
}
