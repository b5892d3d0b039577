import type { DType, Graph, Tensor, TensorData, Value } from "../../onnx/index.js";
import { allocate, encodeModel, sizeOf } from "../../onnx/index.js";
import { ortOptions } from "../direct-session.js";
import { disposed, failure, refusal } from "../errors.js";
import { choosePlatform } from "../ort.js";
import { RunChecks, type RunOptions } from "../run-checks.js";
import type { Session, SessionOptions, Tensors } from "../session.js";
import { type Reply, startThread, type Thread } from "./thread.js";

/** A graph's input or output, and where it lies in the block of memory that goes to the thread. */
interface Slot {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** Where all inputs, or all outputs, lie. */
interface Layout {
  readonly slots: readonly Slot[];
  readonly bytes: number;
}

/** Makes a graph ready to run in a thread of its own. */
export async function createWorkerSession(graph: Graph, options: SessionOptions): Promise<Session> {
  const platform = choosePlatform(options);
  const inputs = layOut(graph.inputs);
  const outputs = layOut(graph.outputs);
  const thread = startThread();
  try {
    const reply = await thread.ask({
      kind: "create",
      platform,
      model: encodeModel(graph),
      options: ortOptions(platform.provider, platform.threads),
      inputs: inputs.slots,
      outputs: outputs.slots,
    });
    if (reply.kind === "failed") throw new Error(reply.message ?? "no reason given");
  } catch (cause) {
    await thread.stop();
    throw refusal(graph, cause);
  }
  return new WorkerSession(thread, graph, inputs, outputs);
}

/**
 * Runs a graph in another thread. Feeds are copied into one block of memory that travels to the thread and back, so
 * that the caller's arrays stay the caller's; results travel in buffers of their own, which the caller keeps.
 */
class WorkerSession implements Session {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly #checks: RunChecks;
  readonly #thread: Thread;
  readonly #inputSlots: readonly Slot[];
  readonly #outputSlots: readonly Slot[];
  readonly #feedBytes: number;
  /** The block for the feeds; it is here between runs. */
  #feeds: ArrayBuffer;
  /** A buffer for each output whose last one the caller did not keep. */
  readonly #spare: (ArrayBuffer | undefined)[];
  #last: Promise<unknown> | undefined;
  #disposal: Promise<void> | undefined;

  constructor(thread: Thread, graph: Graph, inputs: Layout, outputs: Layout) {
    this.#thread = thread;
    this.inputs = graph.inputs;
    this.outputs = graph.outputs;
    this.#checks = new RunChecks(graph);
    this.#inputSlots = inputs.slots;
    this.#outputSlots = outputs.slots;
    this.#feedBytes = inputs.bytes;
    this.#feeds = new ArrayBuffer(inputs.bytes);
    this.#spare = outputs.slots.map(() => undefined);
  }

  async run(feeds: Tensors, options: RunOptions = {}): Promise<Record<string, Tensor>> {
    this.#checks.options(options);
    if (this.#disposal) throw disposed();
    const { feeds: ordered, into } = this.#checks.tensors(feeds, options.into);
    const before = this.#last;
    const run = before
      ? before.then(
          () => this.#runNow(ordered, into),
          () => this.#runNow(ordered, into),
        )
      : this.#runNow(ordered, into);
    this.#last = run;
    try {
      return await run;
    } finally {
      if (this.#last === run) this.#last = undefined;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #runNow(
    feeds: readonly Tensor[],
    into: readonly (Tensor | undefined)[],
  ): Promise<Record<string, Tensor>> {
    this.#inputSlots.forEach((slot, i) => {
      view(slot, this.#feeds).set(feeds[i]!.data as never);
    });
    const buffers = this.#outputSlots.map((slot, i) => this.#spare[i] ?? bufferFor(slot));
    const { results, message } = await this.#ask(buffers);
    if (message !== undefined) throw failure(message);
    const tensors: Record<string, Tensor> = {};
    this.#outputSlots.forEach((slot, i) => {
      const buffer = results[i]!;
      const data = view({ ...slot, offset: 0 }, buffer);
      const target = into[i];
      if (target) target.data.set(data as never);
      this.#spare[i] = target ? buffer : undefined;
      tensors[slot.name] = target ?? { dtype: slot.dtype, shape: slot.shape, data };
    });
    return tensors;
  }

  /** Has the thread run the graph on the block of feeds; that block is here again afterwards. */
  async #ask(buffers: readonly ArrayBuffer[]) {
    const feeds = this.#feeds;
    let reply: Reply;
    try {
      reply = await this.#thread.ask({ kind: "run", feeds, results: buffers }, [feeds, ...buffers]);
    } catch (cause) {
      // The block is lost with the thread. Later runs are to fail for that reason, not for want of a block.
      this.#feeds = new ArrayBuffer(this.#feedBytes);
      throw failure(cause);
    }
    this.#feeds = reply.feeds!;
    return { results: reply.results!, message: reply.message };
  }

  async #dispose(): Promise<void> {
    await this.#last?.catch(() => {});
    await this.#thread.stop();
  }
}

function layOut(values: readonly Value[]): Layout {
  let bytes = 0;
  const slots = values.map(({ name, dtype, shape }) => {
    const slot = { name, dtype, shape, offset: bytes, length: sizeOf(shape) };
    // Multiples of 8: an array's offset must be one of its elements' size.
    bytes += 8 * Math.ceil((slot.length * bytesPerElement(dtype)) / 8);
    return slot;
  });
  return { slots, bytes };
}

function bufferFor({ dtype, length }: Slot): ArrayBuffer {
  return new ArrayBuffer(length * bytesPerElement(dtype));
}

function bytesPerElement(dtype: DType): number {
  return allocate(dtype, 0).BYTES_PER_ELEMENT;
}

function view({ dtype, offset, length }: Slot, buffer: ArrayBuffer): TensorData {
  const TypedArray = allocate(dtype, 0).constructor as new (...args: unknown[]) => TensorData;
  return new TypedArray(buffer, offset, length);
}
