import type { GraphBuilder, Value } from "../../onnx/index.js";

/** The root of the sum of squares as `largest * rest`, so that neither factor overflows where the norm itself does not. */
export interface Norm {
  /** The largest absolute value, at least 1e-30: a scalar. */
  readonly largest: Value;
  /** The norm of the values divided by it; 0 where all are 0: a scalar. */
  readonly rest: Value;
}

/**
 * The norm of all elements of some values together: `largest * sqrt(sum((x / largest)²))`. Squares of float32 numbers
 * above 1.8e19 are infinite, and 0 below 1e-23.
 *
 * Source: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), section 27.5.
 */
export function normOf(g: GraphBuilder, values: readonly Value[]): Norm {
  // Two reductions that only read; Abs would write a copy.
  const extremes = values.flatMap((value) => [
    g.op("ReduceMax", [value], { keepdims: 0 }),
    g.neg(g.op("ReduceMin", [value], { keepdims: 0 })),
  ]);
  const largest = g.op("Max", [...extremes, g.scalar(1e-30)]);
  const squares = values.map((value) => g.op("ReduceSumSquare", [g.div(value, largest)], { keepdims: 0 }));
  return { largest, rest: g.sqrt(squares.length === 1 ? squares[0]! : g.op("Sum", squares)) };
}
