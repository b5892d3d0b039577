import type { Attributes, Node, Value } from "./graph.js";
import type { DType, Tensor } from "./tensor.js";

/**
 * The part of a `GraphBuilder` by which the builder's own rewritings add nodes: they are part of the builder, and do not
 * import it.
 */
export interface NodeWriter {
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  scope<T>(name: string, body: () => T): T;
  constant(contents: Tensor, name?: string): Value;
  scalar(value: number, dtype?: DType): Value;
  ints(values: readonly number[]): Value;
  op(opType: string, inputs: readonly (Value | null)[], attributes?: Attributes): Value;
  add(a: Value | number, b: Value | number): Value;
  sub(a: Value | number, b: Value | number): Value;
  mul(a: Value | number, b: Value | number): Value;
  less(a: Value | number, b: Value | number): Value;
  where(condition: Value, a: Value | number, b: Value | number): Value;
  reshape(x: Value, shape: readonly number[]): Value;
  reduceMean(x: Value, axes?: readonly number[], options?: { readonly keepDims?: boolean }): Value;
  slice(
    x: Value,
    starts: readonly number[],
    ends: readonly number[],
    axes: readonly number[],
    steps?: readonly number[],
  ): Value;
}
