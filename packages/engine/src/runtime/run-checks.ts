import { anything, checkOptions, describe, didYouMean } from "lrfind/core";
import type { Graph, Tensor, TensorData, Value } from "../onnx/index.js";
import { describeTensor, sizeOf } from "../onnx/index.js";
import { holds } from "../onnx/internal.js";
import { checkTensor } from "./check-tensor.js";
import { RuntimeError, refuse } from "./errors.js";
import type { Tensors } from "./session.js";

/** What a run may be told. */
export interface RunOptions {
  readonly into?: Tensors;
}

/** A run's tensors, in the order of the graph's inputs and outputs. */
export interface CheckedRun {
  readonly feeds: readonly Tensor[];
  /** What each output is written into; undefined where it gets a new tensor. */
  readonly into: readonly (Tensor | undefined)[];
}

/** An input or output, with its number of elements. */
interface Port {
  readonly value: Value;
  readonly size: number;
}

/** Checks what each run of a graph is given. A step has some sixty small tensors: what is right must pass quickly. */
export class RunChecks {
  readonly #inputs: readonly Port[];
  readonly #outputs: readonly Port[];
  readonly #outputNames: ReadonlySet<string>;

  constructor({ inputs, outputs }: Pick<Graph, "inputs" | "outputs">) {
    const portOf = (value: Value): Port => ({ value, size: sizeOf(value.shape) });
    this.#inputs = inputs.map(portOf);
    this.#outputs = outputs.map(portOf);
    this.#outputNames = new Set(outputs.map(({ name }) => name));
  }

  /** Throws unless the options exist and name outputs of the graph: into others nothing would be written. */
  options(options: RunOptions): void {
    checkOptions<RunOptions>("run", options, { into: anything }, refuse);
    const { into } = options;
    if (into === undefined) return;
    checkTensors("into", into);
    for (const name of Object.keys(into)) {
      if (this.#outputNames.has(name)) continue;
      const meant = didYouMean(name, [...this.#outputNames]) ?? `one of ${[...this.#outputNames].join(", ")}`;
      throw new RuntimeError({
        where: "run",
        expected: "into to name outputs of the graph",
        got: `"${name}"`,
        hint: meant,
      });
    }
  }

  /** Throws unless each tensor has its type and shape, and results go into memory of their own. */
  tensors(feeds: Tensors, into: Tensors | undefined): CheckedRun {
    checkTensors("feeds", feeds);
    const checked = this.#inputs.map((port) => {
      const feed = feeds[port.value.name];
      if (!feed)
        throw new RuntimeError({
          where: "run",
          expected: `a feed for input "${port.value.name}"`,
          got: "none",
        });
      check("feed", port, feed);
      return feed;
    });
    if (into === undefined) return { feeds: checked, into: this.#outputs.map(() => undefined) };
    const buffers = this.#outputs.map((port) => {
      const buffer = into[port.value.name];
      if (buffer) check("output buffer", port, buffer);
      return buffer;
    });
    checkApart(feeds, into);
    return { feeds: checked, into: buffers };
  }
}

function check(what: string, port: Port, tensor: Tensor): void {
  if (fits(port, tensor)) return;
  const { value } = port;
  checkTensor(what, value.name, tensor);
  throw new RuntimeError({
    where: "run",
    expected: `${what} "${value.name}" to be ${describeTensor(value)}`,
    got: `${describeTensor(tensor)} with ${tensor.data.length} elements`,
  });
}

function fits({ value: { dtype, shape: wanted }, size }: Port, tensor: Tensor): boolean {
  const { shape, data } = Object(tensor) as Partial<Tensor>;
  if (tensor.dtype !== dtype || !Array.isArray(shape) || shape.length !== wanted.length) return false;
  for (let d = 0; d < wanted.length; d++) if (shape[d] !== wanted[d]) return false;
  return holds(dtype, data) && (data as TensorData).length === size;
}

/**
 * Refuses to write a result over a feed, or two results into one place: operators read their inputs while they write.
 *
 * @param into - The tensors that results are written into. Feeds may share memory among themselves.
 */
function checkApart(feeds: Tensors, into: Tensors): void {
  if (haveOwnMemory(feeds, into)) return;
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
      throw new RuntimeError({
        where: "run",
        expected: `memory of its own for output "${name}"`,
        got: `that of ${other.what}`,
        hint: "another array in into",
      });
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
  throw new RuntimeError({ where: "run", expected: `${name} to be tensors by name`, got: describe(tensors) });
}
