import type { Node } from "../../graph/graph.js";
import { gradientError } from "../gradient-rule.js";

/** One dimension that Resize changes. */
export interface ResampledAxis {
  /** Elements before. */
  readonly size: number;
  /** Elements after. */
  readonly count: number;
  /** Elements after per element before; `count` is this times `size`, rounded down. */
  readonly scale: number;
}

/** A source element and its share in an output element. */
export interface Tap {
  readonly index: number;
  readonly weight: number;
}

// Every step is rounded to float32, as ONNX Runtime computes: nearest modes decide at exact halves.
const { fround } = Math;

/**
 * Where each output element of one axis lies between the source elements, as the node's
 * `coordinate_transformation_mode` says.
 *
 * @throws {OnnxError} for `tf_crop_and_resize`.
 *
 * Source: ONNX operator Resize, version 19.
 */
export function originalCoordinates(node: Node, { size, count, scale }: ResampledAxis): number[] {
  const mode = node.attributes["coordinate_transformation_mode"] ?? "half_pixel";
  const s = fround(scale);
  const halfPixel = (o: number) => fround(fround(fround(o + 0.5) / s) - 0.5);
  const transform = ((): ((o: number) => number) => {
    switch (mode) {
      case "half_pixel":
        return halfPixel;
      case "pytorch_half_pixel":
        return count > 1 ? halfPixel : () => 0;
      case "half_pixel_symmetric": {
        const adjustment = fround(count / fround(s * size));
        const center = fround(size / 2);
        const offset = fround(center * fround(1 - adjustment));
        return (o) => fround(fround(offset + fround(fround(o + 0.5) / s)) - 0.5);
      }
      case "align_corners":
        return count > 1 ? (o) => fround(fround(o * fround(size - 1)) / fround(count - 1)) : () => 0;
      case "asymmetric":
        return (o) => fround(o / s);
      default:
        throw gradientError(node, `a coordinate_transformation_mode without a region, not ${String(mode)}`);
    }
  })();
  return Array.from({ length: count }, (_, o) => transform(o));
}

/** The two neighbours of each coordinate, weighted by nearness; the borders are repeated. */
export function linearTaps(coordinates: readonly number[], size: number): Tap[][] {
  return coordinates.map((coordinate) => {
    const clamped = Math.min(Math.max(coordinate, 0), size - 1);
    const index = Math.floor(clamped);
    const fraction = clamped - index;
    const left = { index, weight: 1 - fraction };
    return fraction === 0 ? [left] : [left, { index: index + 1, weight: fraction }];
  });
}

/**
 * The four neighbours of each coordinate, weighted by the cubic convolution kernel with parameter `a`; the borders
 * are repeated.
 *
 * Source: Keys, Cubic convolution interpolation for digital image processing (1981).
 */
export function cubicTaps(coordinates: readonly number[], size: number, a: number): Tap[][] {
  const kernel = (distance: number) => {
    const d = Math.abs(distance);
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  };
  return coordinates.map((coordinate) => {
    const left = Math.floor(coordinate);
    return [-1, 0, 1, 2].map((offset) => ({
      index: Math.min(Math.max(left + offset, 0), size - 1),
      weight: kernel(coordinate - left - offset),
    }));
  });
}

/** The one source element that each coordinate takes, as the node's `nearest_mode` says. */
export function nearestTaps(node: Node, coordinates: readonly number[], { size }: ResampledAxis): Tap[][] {
  const mode = node.attributes["nearest_mode"] ?? "round_prefer_floor";
  const round = roundings[mode as string];
  // ONNX Runtime 1.30 meets exact halves of this transformation in a way that these roundings do not reproduce.
  if (node.attributes["coordinate_transformation_mode"] === "half_pixel_symmetric") {
    throw gradientError(node, "the mode linear with half_pixel_symmetric, not nearest");
  }
  if (!round) throw gradientError(node, `a known nearest_mode, not ${String(mode)}`);
  return coordinates.map((coordinate) => [
    { index: Math.min(Math.max(round(coordinate), 0), size - 1), weight: 1 },
  ]);
}

const roundings: Readonly<Record<string, (coordinate: number) => number>> = {
  ceil: Math.ceil,
  floor: Math.floor,
  round_prefer_ceil: (coordinate) => Math.floor(coordinate + 0.5),
  round_prefer_floor: (coordinate) => Math.ceil(coordinate - 0.5),
};
