import type { RawSession, RawSessionOptions, Tensor, TensorData } from "@lrfind/engine";
import { checkExternal, externalFiles } from "@lrfind/engine";
import { openModel, readMetadata } from "@lrfind/engine/internal";
import { checkOptions, describe, integer, oneOf } from "lrfind/core";
import type { AnyProcessor, FileSource, Processor, RawImageItem, TableRow } from "../../data/index.js";
import { processorFromJSON } from "../../data/index.js";
import { LearnerError } from "../errors.js";
import { readModelFile } from "../import/read-model-file.js";
import type { OutputMeaning, Prediction, PredictOptions } from "./decode-output.js";
import { decodeOutput, thresholdOf } from "./decode-output.js";
import { concatenate } from "./predictions.js";

/** A raw item, by the kind of data: an image (path, URL, bytes or pixels), a row of a table or rating, a text. */
export type RawItem = RawImageItem | TableRow | string;

/** How to run a loaded learner. */
export type LoadLearnerOptions = Pick<RawSessionOptions, "provider" | "threads">;

/** Items that run through the model at a time, where it takes any number. */
const BATCH_SIZE = 64;

/**
 * A learner read back from its exported file: it predicts, from raw items as it was trained on, and does nothing else.
 *
 * Made by `loadLearner`.
 */
export class LoadedLearner<Item = RawItem> implements AsyncDisposable {
  /** What makes inputs of raw items: `kind` is "image", "tabular" (ratings too) or "text". */
  readonly processor: AnyProcessor;
  /** Names of the classes, where the outputs are of classes. */
  readonly vocab: readonly string[] | undefined;
  /** What the outputs stand for. */
  readonly meaning: OutputMeaning;
  readonly #session: RawSession;
  #isDisposed = false;
  /** The batch size that the model fixes; undefined where it takes any. */
  readonly #batchSize: number | undefined;

  /** @internal */
  constructor(parts: {
    readonly processor: AnyProcessor;
    readonly vocab: readonly string[] | undefined;
    readonly meaning: OutputMeaning;
    readonly session: RawSession;
    readonly batchSize: number | undefined;
  }) {
    this.processor = parts.processor;
    this.vocab = parts.vocab;
    this.meaning = parts.meaning;
    this.#session = parts.session;
    this.#batchSize = parts.batchSize;
  }

  /**
   * What the model makes of one raw item, or of each of several: as `Learner.predict` gave it.
   *
   * @param items - An item, or an array of items.
   * @throws {LearnerError} when it has been disposed.
   * @throws {DataError} when an item is not as the processor needs it.
   * @throws {OptionError} when an option cannot be used.
   */
  predict(items: readonly Item[], options?: PredictOptions): Promise<Prediction[]>;
  predict(item: Item, options?: PredictOptions): Promise<Prediction>;
  async predict(
    items: Item | readonly Item[],
    options: PredictOptions = {},
  ): Promise<Prediction | Prediction[]> {
    this.#checkOpen();
    const threshold = thresholdOf("predict", options);
    if (!Array.isArray(items)) return (await this.#predictAll([items as Item], threshold))[0]!;
    return this.#predictAll(items, threshold);
  }

  /** Releases ONNX Runtime's session, after the predictions that have begun. Disposing twice is harmless. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#session[Symbol.asyncDispose]();
  }

  async #predictAll(items: readonly Item[], threshold: number): Promise<Prediction[]> {
    const predictions: Prediction[] = [];
    const size = this.#batchSize ?? BATCH_SIZE;
    for (let start = 0; start < items.length; start += size) {
      const part = items.slice(start, start + size);
      const rows: (readonly Tensor[])[] = [];
      for (const item of part) rows.push(await (this.processor as Processor<Item>).process(item));
      const output = await this.#run(rows);
      const { vocab } = this;
      for (let i = 0; i < part.length; i++) {
        predictions.push(decodeOutput(itemOf(output, i), this.meaning, { vocab, threshold }));
      }
    }
    return predictions;
  }

  #checkOpen(): void {
    if (!this.#isDisposed) return;
    const expected = "a loaded learner in use";
    throw new LearnerError({ where: "predict", expected, got: "one that has been disposed" });
  }

  async #run(rows: readonly (readonly Tensor[])[]): Promise<Tensor> {
    // A model for a fixed number of items is given the last one again where there are fewer.
    const missing = this.#batchSize === undefined ? 0 : this.#batchSize - rows.length;
    const filled = [...rows, ...new Array<readonly Tensor[]>(missing).fill(rows.at(-1)!)];
    this.#checkOpen();
    const { inputNames, outputNames } = this.#session;
    const feeds = Object.fromEntries(
      inputNames.map((name, i) => [name, concatenate(filled.map((row) => row[i]!))]),
    );
    return (await this.#session.run(feeds))[outputNames[0]!]!;
  }
}

/**
 * Reads back what `learn.export` wrote, to predict from raw items: fastai's `load_learner`.
 *
 * The file brings all that is needed: the model, what was done to raw items, the names of the classes, and how outputs
 * are to be read. Predictions are those of the learner that exported it.
 *
 * @param source - See `FileSource`; by a path or URL alone are external data beside the file found.
 * @throws {LearnerError} when the file cannot be read, or was not exported by a learner whose data loaders have a
 *   processor.
 * @throws {OnnxError} when the file is no ONNX model, or its external data are not those it was written with.
 *
 * @example
 * ```ts
 * await using model = await loadLearner<TableRow>("model.onnx");
 * const { label, probabilities } = await model.predict({ island: "Biscoe", bill_length_mm: 46 });
 * const several = await model.predict(rows);
 * ```
 *
 * Source: fastai's `load_learner`.
 */
export async function loadLearner<Item = RawItem>(
  source: FileSource,
  options: LoadLearnerOptions = {},
): Promise<LoadedLearner<Item>> {
  checkOptions<LoadLearnerOptions>("loadLearner", options, {
    provider: oneOf("cpu", "wasm", "webgpu"),
    threads: integer({ min: 0 }),
  });
  const model = await readModelFile("loadLearner", source);
  const { bytes, file } = model;
  const metadata = readMetadata(bytes, file);
  const foreign = (got: string, hint: string) =>
    new LearnerError({
      where: `loadLearner "${file}"`,
      expected: "a model exported by a learner that knows what was done to raw items",
      got,
      hint,
    });
  if (metadata["lrfind.version"] === undefined) {
    throw foreign(
      "a model without lrfind's metadata",
      "loadModel, which makes it trainable, or createRawSession of lrfind/runtime, which runs it on tensors",
    );
  }
  if (metadata["lrfind.processor"] === undefined) {
    throw foreign(
      "one whose data loaders had no processor",
      "createRawSession of lrfind/runtime, which runs it on tensors, or data loaders with a processor",
    );
  }
  const processor = processorFromJSON(parse(metadata, "lrfind.processor", file));
  const meaning = checkMeaning(parse(metadata, "lrfind.output", file), file);
  const vocab = checkVocab(parse(metadata, "lrfind.vocab", file), file);
  const batchSize = parse(metadata, "lrfind.batchSize", file);
  const beside = externalFiles(bytes);
  for (const part of beside) {
    if (!model.readExternal) {
      throw new LearnerError({
        where: `loadLearner "${file}"`,
        expected: `access to its external data "${part.location}"`,
        got: "bytes",
        hint: "loading it by its path",
      });
    }
    await checkExternal(file, part, await model.readExternal(part.location));
  }
  // ONNX Runtime finds data beside a model by the model's path. Its rewritten graphs (batch-norm multiplied into
  // convolutions) differ from the learner's numbers by 1e-5, unwritten ones do not.
  const path = beside.length > 0 ? model.path : undefined;
  const session = await openModel(path ?? bytes, { ...options, optimize: false });
  return new LoadedLearner<Item>({
    processor,
    vocab,
    meaning,
    session,
    batchSize: typeof batchSize === "number" ? batchSize : undefined,
  });
}

/** One of the texts in a model's metadata, as JSON; undefined where there is none. */
function parse(metadata: Readonly<Record<string, string>>, name: string, file: string): unknown {
  const text = metadata[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new LearnerError({ where: `loadLearner "${file}"`, expected: `JSON as ${name}`, got }, { cause });
  }
}

function checkMeaning(value: unknown, file: string): OutputMeaning {
  const { kind, activation } = (value ?? {}) as Partial<OutputMeaning>;
  const isKnown =
    oneOf("class", "labels", "numbers").accepts(kind) &&
    oneOf("softmax", "sigmoid", "exp", "none").accepts(activation);
  if (isKnown) return { kind: kind!, activation: activation! };
  throw new LearnerError({
    where: `loadLearner "${file}"`,
    expected: "lrfind.output with a kind and an activation",
    got: describe(value),
    hint: "exporting it again",
  });
}

function checkVocab(value: unknown, file: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value;
  const expected = "lrfind.vocab to be an array of texts";
  throw new LearnerError({ where: `loadLearner "${file}"`, expected, got: describe(value) });
}

/** A batch's item, without the batch dimension. */
function itemOf({ dtype, shape, data }: Tensor, index: number): Tensor {
  const size = data.length / shape[0]!;
  return { dtype, shape: shape.slice(1), data: data.slice(index * size, (index + 1) * size) as TensorData };
}
