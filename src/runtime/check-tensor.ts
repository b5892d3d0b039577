import { describe, didYouMean } from "../core/index.js";
import type { DType, Tensor, TensorData, Value } from "../onnx/index.js";
import { describeTensor, isDType, sizeOf } from "../onnx/index.js";
import { holds } from "../onnx/tensor.js";
import { RuntimeError } from "./errors.js";
import type { Tensors } from "./session.js";

/** The feed of an input, checked. */
export function feedOf(input: Value, feeds: Tensors): Tensor {
  checkTensors("feeds", feeds);
  const feed = feeds[input.name];
  if (!feed) throw new RuntimeError(`run: expected a feed for input "${input.name}", got none`);
  check("feed", input, feed);
  return feed;
}

/** The tensor that an output is to be written into, checked; undefined where it gets a new one. */
export function bufferOf(output: Value, into: Tensors | undefined): Tensor | undefined {
  if (into !== undefined) checkTensors("into", into);
  const buffer = into?.[output.name];
  if (buffer) check("output buffer", output, buffer);
  return buffer;
}

/**
 * Refuses a tensor for an output that the graph does not have: nothing would be written into it.
 *
 * @param names - The graph's outputs.
 */
export function checkOutputNames(names: ReadonlySet<string>, into: Tensors | undefined): void {
  if (into === undefined) return;
  checkTensors("into", into);
  for (const name of Object.keys(into)) {
    if (names.has(name)) continue;
    const meant = didYouMean(name, [...names]) ?? `one of ${[...names].join(", ")}`;
    throw new RuntimeError(`run: expected into to name outputs of the graph, got "${name}"; try ${meant}`);
  }
}

/**
 * Refuses to write a result over a feed, or two results into one place: operators read their inputs while they write.
 *
 * @param into - The tensors that results are written into. Feeds may share memory among themselves.
 */
export function checkApart(feeds: Tensors, into: Tensors | undefined): void {
  if (!into || haveOwnMemory(feeds, into)) return;
  const users = new Map<ArrayBufferLike, { readonly what: string; readonly data: TensorData }[]>();
  const claim = (what: string, data: TensorData) => {
    const known = users.get(data.buffer);
    if (known) known.push({ what, data });
    else users.set(data.buffer, [{ what, data }]);
  };
  for (const [name, feed] of Object.entries(feeds)) {
    checkTensor("feed", name, feed);
    claim(`feed "${name}"`, feed.data);
  }
  for (const [name, buffer] of Object.entries(into)) {
    checkTensor("output buffer", name, buffer);
    const { data } = buffer;
    const other = users.get(data.buffer)?.find((user) => overlaps(user.data, data));
    if (other) {
      throw new RuntimeError(
        `run: expected memory of its own for output "${name}", got that of ${other.what}; try another array in into`,
      );
    }
    claim(`output "${name}"`, data);
  }
}

/** Whether each result goes into memory that nobody else has any part of, as in nearly every step. */
function haveOwnMemory(feeds: Tensors, into: Tensors): boolean {
  const seen = new Set<ArrayBufferLike>();
  for (const feed of Object.values<Partial<Tensor> | null>(feeds)) {
    if (!feed?.data?.buffer) return false;
    seen.add(feed.data.buffer);
  }
  for (const buffer of Object.values<Partial<Tensor> | null>(into)) {
    if (!buffer?.data?.buffer || seen.has(buffer.data.buffer)) return false;
    seen.add(buffer.data.buffer);
  }
  return true;
}

function overlaps(a: TensorData, b: TensorData): boolean {
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}

function checkTensors(name: string, tensors: unknown): void {
  if (typeof tensors === "object" && tensors !== null) return;
  throw new RuntimeError(`run: expected ${name} to be tensors by name, got ${describe(tensors)}`);
}

/** Throws unless a tensor is one: what is no typed array of its element type would fail in ONNX Runtime. */
export function checkTensor(what: string, name: string, tensor: unknown): asserts tensor is Tensor {
  const { dtype, shape, data } = Object(tensor) as Partial<Tensor>;
  if (typeof dtype === "string" && isDType(dtype) && Array.isArray(shape) && holds(dtype, data)) return;
  throw new RuntimeError(
    `run: expected ${what} "${name}" to be a tensor, got ${describe(tensor)}; try tensor("float32", shape, values)`,
  );
}

function check(
  what: string,
  expected: { name: string; dtype: DType; shape: readonly number[] },
  got: Tensor,
): void {
  checkTensor(what, expected.name, got);
  const sameShape =
    got.shape.length === expected.shape.length && got.shape.every((dim, i) => dim === expected.shape[i]);
  if (got.dtype !== expected.dtype || !sameShape || got.data.length !== sizeOf(got.shape)) {
    throw new RuntimeError(
      `run: expected ${what} "${expected.name}" to be ${describeTensor(expected)}, got ${describeTensor(got)} with ${got.data.length} elements`,
    );
  }
}
