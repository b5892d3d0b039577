import type { DType, Tensor, Value } from "../onnx/index.js";
import { sizeOf } from "../onnx/index.js";
import { RuntimeError } from "./errors.js";
import type { Tensors } from "./session.js";

/** The feed of an input, checked. */
export function feedOf(input: Value, feeds: Tensors): Tensor {
  const feed = feeds[input.name];
  if (!feed) throw new RuntimeError(`run: expected a feed for input "${input.name}", got none`);
  check("feed", input, feed);
  return feed;
}

/** The tensor that an output is to be written into, checked; undefined where it gets a new one. */
export function bufferOf(output: Value, into: Tensors | undefined): Tensor | undefined {
  const buffer = into?.[output.name];
  if (buffer) check("output buffer", output, buffer);
  return buffer;
}

function check(
  what: string,
  expected: { name: string; dtype: DType; shape: readonly number[] },
  got: Tensor,
): void {
  const sameShape =
    got.shape.length === expected.shape.length && got.shape.every((dim, i) => dim === expected.shape[i]);
  if (got.dtype !== expected.dtype || !sameShape || got.data.length !== sizeOf(got.shape)) {
    throw new RuntimeError(
      `run: expected ${what} "${expected.name}" to be ${expected.dtype}[${expected.shape.join(", ")}], got ${got.dtype}[${got.shape.join(", ")}] with ${got.data.length} elements`,
    );
  }
}
