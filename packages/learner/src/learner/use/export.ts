import type { LossFunc, Model } from "@lrfind/engine";
import { withMetadata } from "@lrfind/engine/internal";
import { boolean, type Checks, integer, nodeModule } from "lrfind/core";
import type { DataLoaders } from "../../data/index.js";
import { check, checkLearnerOptions, path as pathCheck } from "../checks.js";
import { externalNameOf } from "../import/external-name.js";
import { exportModel } from "../import/index.js";
import { removeStaleData } from "../import/stale-data.js";
import type { TrainState } from "../state.js";
import { checkWritable, VERSION, writeAtomically } from "../store/index.js";
import { meaningOf } from "./decode-output.js";

/** How to export. */
export interface ExportOptions {
  /** A batch size to fix. Default: any, where the model allows it. */
  readonly batchSize?: number;
  /** Puts the large tensors into a file beside the model. Default: only where it exceeds 2 GB. */
  readonly externalData?: boolean;
}

const OPTIONS: Checks<ExportOptions> = { batchSize: integer({ min: 1 }), externalData: boolean };

/** What an export wrote. */
export interface ExportResult {
  /** The `.onnx` file first. */
  readonly paths: readonly string[];
  /** The batch sizes that the model takes: any, or one. */
  readonly batchSize: "any" | number;
}

/**
 * What readers of a model must know to feed it and to read its output, by the names under which a `.onnx` file's
 * metadata and a checkpoint's have it: `lrfind.version`; and, as JSON, `lrfind.inputs` (types and shapes of an item),
 * `lrfind.vocab` (names of the classes), `lrfind.processor` (what was done to raw items) and `lrfind.normalization`
 * (`(value * scale - mean) / std` per channel), each where the data loaders have it. An exported model also has
 * `lrfind.output`: whether outputs are of a "class", "labels" or "numbers", and which activation (softmax, sigmoid, exp,
 * none) still makes probabilities of them; and `lrfind.batchSize`, "any" or a number.
 */
export function describeData(dls: DataLoaders): Record<string, string> {
  const { normalization } = dls as { readonly normalization?: unknown };
  const parts = {
    inputs: dls.train.dataset.inputs,
    vocab: dls.vocab,
    processor: dls.processor,
    normalization,
  };
  const description: Record<string, string> = { "lrfind.version": VERSION };
  for (const [name, part] of Object.entries(parts)) {
    if (part !== undefined) description[`lrfind.${name}`] = JSON.stringify(part);
  }
  return description;
}

/** What is exported. */
interface ExportParts {
  readonly model: Model;
  readonly state: TrainState;
  readonly dls: DataLoaders;
  readonly lossFunc: LossFunc;
}

/**
 * Writes a model with its weights as `.onnx`, its description in the metadata; each file atomically.
 *
 * Data beside the model are written first, under a name that tells their contents, and the model after them: whenever the
 * process is killed, what is there is the old version whole or the new one whole. Data that only older versions use go
 * last.
 */
export async function exportTo(
  path: string | URL,
  { model, state, dls, lossFunc }: ExportParts,
  options: ExportOptions = {},
): Promise<ExportResult> {
  check("export", "path", path, pathCheck);
  checkLearnerOptions("export", options, OPTIONS);
  const { basename, dirname, join } = nodeModule<typeof import("node:path")>("path");
  const { fileURLToPath } = nodeModule<typeof import("node:url")>("url");
  // Before the work, and so that a path that is none has our error.
  await checkWritable(path);
  const target = path instanceof URL ? fileURLToPath(path) : path;
  const name = basename(target);
  const exported = await exportModel(model, state, {
    ...options,
    ...(model.inputs
      ? {}
      : { inputs: dls.train.dataset.inputs.map(({ dtype, shape }) => ({ dtype, itemShape: shape })) }),
    externalName: (checksum) => externalNameOf(name, checksum),
  });
  const paths = [target];
  if (exported.external) {
    const beside = join(dirname(target), exported.external.name);
    await writeAtomically(beside, [exported.external.bytes]);
    paths.push(beside);
  }
  const { batchSize, ending, outputShape } = exported;
  const meaning = meaningOf(outputShape, { lossFunc, ending, vocab: dls.vocab });
  const description = {
    ...describeData(dls),
    "lrfind.output": JSON.stringify(meaning),
    "lrfind.batchSize": JSON.stringify(batchSize),
  };
  await writeAtomically(target, [withMetadata(exported.model, description)]);
  await removeStaleData(target, exported.external?.name);
  return { paths, batchSize };
}
