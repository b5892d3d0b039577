import type { Layer, ParameterFilter, ReadExternal, TensorSelection } from "@lrfind/engine";
import { decodeModel, planImport, upgradeModel } from "@lrfind/engine";
import { arrayOf, type Checks, either, func, integer, anything as own, string } from "lrfind/core";
import type { FileSource } from "../../data/index.js";
import { checkLearnerOptions, layer } from "../checks.js";
import type { GroupSplitter } from "./groups.js";
import { ImportedModel } from "./imported-model.js";
import { readModelFile } from "./read-model-file.js";

/** How to make a file trainable. */
export interface LoadModelOptions {
  /** Name of the output that is the prediction. Default: the first. */
  readonly output?: string;
  /**
   * Where to cut the model off: the name of a node or value that becomes the output, or how many of the last layers
   * with weights go (1: the classifier). Default: nowhere.
   */
  readonly cut?: string | number;
  /** A layer put on the (cut) model's output; its parameters are named "head.…". Default: none. */
  readonly head?: Layer;
  /** Parameter groups. Default: one; with a head two, "body" and "head". */
  readonly groups?: GroupSplitter;
  /**
   * Which float32 initialisers that lead to the output are trained: exactly those of a list of names and patterns, or what
   * a function of name, shape and the default says. Default: all of more than one element, and single numbers named like a
   * parameter ("…weight", "…bias"); but none with infinities, which are masks, none named like a buffer ("mean", "std",
   * "running_var", "temperature", …), and none that normalises the input (`(x - mean) / std`). `summary()` shows which.
   */
  readonly parameters?: ParameterFilter | TensorSelection;
  /** Names and patterns of float32 initialisers that are not trained, whatever they would be else. Default: none. */
  readonly buffers?: TensorSelection;
  /**
   * By the name of an embedding's table, the row of its padding: it gets no gradient, no decay and no momentum, and stays
   * bit for bit. Null: no row does. Default: the only row of zeros of a table, as PyTorch's `padding_idx` leaves it.
   */
  readonly paddingIdx?: Readonly<Record<string, number | null>>;
  /** Name of the file, for messages, where bytes are given. Default: "model.onnx". */
  readonly file?: string;
  /** Reads the files beside the model that hold its large tensors. Default: from the model's folder. */
  readonly readExternal?: ReadExternal;
}

/**
 * Makes an ONNX model trainable.
 *
 * Its float initialisers become parameters and batch-norm's running statistics buffers, under the names that they have
 * in the file. In training, batch-norm uses the mini-batch's statistics, and dropout a mask that can be replayed, in
 * whatever form the file has them. What depends on shapes alone is computed once for each shape of mini-batch.
 *
 * @param source - See `FileSource`; by a path or URL alone are the files beside it found.
 * @throws {OnnxError} when the file is no ONNX model, is damaged, or holds what cannot be trained.
 * @throws {LearnerError} when an option does not fit the model.
 *
 * @example
 * ```ts
 * const model = await loadModel("resnet18.onnx", { cut: 1, head: linear(512, 10) });
 * for (const note of model.notes) console.warn(note.message);
 * await using learn = new Learner({ dls, model, lossFunc: crossEntropy() });
 * ```
 */
export async function loadModel(source: FileSource, options: LoadModelOptions = {}): Promise<ImportedModel> {
  checkLearnerOptions("loadModel", options, OPTIONS);
  const read = await readModelFile("loadModel", source);
  const { bytes, file = read.file, readExternal = read.readExternal } = { ...options, bytes: read.bytes };
  const decoded = await decodeModel(bytes, { file, ...(readExternal ? { readExternal } : {}) });
  const { output, cut, parameters, buffers, paddingIdx, head, groups } = options;
  const plan = planImport(upgradeModel(decoded), {
    ...(output === undefined ? {} : { output }),
    ...(cut === undefined ? {} : { cut }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(buffers === undefined ? {} : { buffers }),
    ...(paddingIdx === undefined ? {} : { paddingIdx }),
  });
  return new ImportedModel(plan, { ...(head ? { head } : {}), ...(groups ? { groups } : {}) });
}

const OPTIONS: Checks<LoadModelOptions> = {
  output: string,
  cut: either(string, integer({ min: 1 })),
  head: layer,
  groups: either(func, arrayOf(either(string, arrayOf(string)), { minLength: 1 })),
  parameters: own,
  buffers: own,
  paddingIdx: own,
  file: string,
  readExternal: func,
};
