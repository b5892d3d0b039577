import type * as Ort from "onnxruntime-common";
import { encodeModel, encodeModelFile, fileOfGraph, type Graph, GraphBuilder } from "../onnx/index.js";
import type { LoadedOrt } from "./ort.js";

/** What ONNX Runtime's package does with the tensors that it is given for a session's outputs. */
export interface Fetching {
  /** Whether results are written into them. */
  readonly writes: boolean;
  /**
   * Where results are written into them and then copied all the same: what the package says when the copying ends at an
   * output that it cannot read. Undefined where it does not copy, or cannot be kept from it.
   */
  readonly copying: string | undefined;
}

/**
 * Name of an additional first output that the native binding cannot read.
 *
 * onnxruntime-node 1.30 has ONNX Runtime write outputs into the tensors it is given, and then copies each of them
 * into a new array all the same. For a training step, whose outputs are the whole state, that takes longer than
 * the update itself: 54 ms instead of 10 for SGD with momentum on 11.7 M parameters, and as much garbage. The copying
 * goes through the outputs in their order and ends with an error at one that is no tensor, when all is written.
 */
export const UNREADABLE = "lrfind:unreadable";

/** The bytes of a graph with that output before its own: an empty sequence. */
export function encodeUnreadable(graph: Graph): Uint8Array {
  const file = fileOfGraph(graph);
  const sequence = { opType: "SequenceEmpty", domain: "", name: "", inputs: [], attributes: {} };
  return encodeModelFile({
    ...file,
    outputs: [{ name: UNREADABLE, dtype: null, shape: null }, ...file.outputs],
    nodes: [...file.nodes, { ...sequence, outputs: [UNREADABLE] }],
  }).model;
}

const probes = new WeakMap<object, Promise<Fetching>>();

/**
 * What the package that was loaded does, found out once by a session of one number: another version may not copy, or read
 * sequences, and is then used as it is.
 */
export function fetchingOf({ ort, native }: Pick<LoadedOrt, "ort" | "native">): Promise<Fetching> {
  // onnxruntime-web 1.30 leaves the tensors as they were.
  if (!native) return Promise.resolve({ writes: false, copying: undefined });
  const known = probes.get(ort) ?? probe(ort);
  probes.set(ort, known);
  return known;
}

/** Finds it out. */
export async function probe(ort: typeof Ort): Promise<Fetching> {
  const g = new GraphBuilder();
  const graph = g.build({ y: g.add(g.input("x", "float32", [1]), 1) });
  const withSequence = await attempt(ort, encodeUnreadable(graph), { [UNREADABLE]: null });
  if (withSequence.writes && withSequence.error !== undefined) {
    return { writes: true, copying: withSequence.error };
  }
  const { writes, error } = await attempt(ort, encodeModel(graph), {});
  return { writes: writes && error === undefined, copying: undefined };
}

/** Runs a session whose output "y" is "x" and 1; tells whether that is written into a tensor that was given for it. */
async function attempt(
  ort: typeof Ort,
  model: Uint8Array,
  others: Readonly<Record<string, null>>,
): Promise<{ readonly writes: boolean; readonly error: string | undefined }> {
  const written = new Float32Array([0]);
  let session: Ort.InferenceSession | undefined;
  let error: string | undefined;
  try {
    const options = { executionProviders: ["cpu"], intraOpNumThreads: 1, logSeverityLevel: 4 } as const;
    session = await ort.InferenceSession.create(model, options);
    const feeds = { x: new ort.Tensor("float32", new Float32Array([2]), [1]) };
    await session.run(feeds, { ...others, y: new ort.Tensor("float32", written, [1]) });
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
  }
  await session?.release();
  return { writes: written[0] === 3, error };
}
