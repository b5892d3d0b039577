import type { Layer, Model } from "@lrfind/engine";
import { modelOf } from "@lrfind/engine";
import { model as modelCheck } from "@lrfind/engine/internal";
import { anything, type Check, type Checks, describe, either, integer, string } from "lrfind/core";
import type { DataLoaders, FileSource, RowSpec } from "../../../data/index.js";
import { FILE_SOURCE, isFileSource, readSource } from "../../../data/internal.js";
import { check, checkLearnerOptions, layer } from "../../checks.js";
import { LearnerError } from "../../errors.js";
import type { LoadModelOptions } from "../../import/index.js";
import { loadModel } from "../../import/index.js";
import { Learner } from "../../learner.js";
import { READY_OPTIONS } from "../../option-checks.js";
import type { ReadyLearnerOptions, Task } from "../../task.js";
import { taskOf } from "../../task.js";
import { cutLayer, featureShape, visionGroups } from "./body.js";
import type { HeadOptions } from "./create-head.js";
import { createHead } from "./create-head.js";

/** Makes the layers of an image model for images of so many channels, such as `resnet18`. */
export type VisionArch = (options: { readonly inChannels: number }) => Layer;

/** What a vision learner is made of. */
export type VisionModel = VisionArch | Model | FileSource;

/** Options of a vision learner. */
export interface VisionLearnerOptions extends ReadyLearnerOptions {
  /**
   * Where body and old head part. For an architecture: how many of its children the body has (negative: how many go),
   * or the name of the first that goes; default: before the global pool. For a `.onnx` file: as `loadModel` takes it;
   * default: 1, which takes off the classifier.
   */
  readonly cut?: number | string;
  /** The new head: its options, or a layer. Default: `createHead`'s for the data. */
  readonly head?: HeadOptions | Layer;
  /** What else `loadModel` is told, for a `.onnx` file. */
  readonly load?: Omit<LoadModelOptions, "cut" | "head">;
}

const OPTIONS: Checks<VisionLearnerOptions> = {
  ...READY_OPTIONS,
  cut: either(integer(), string),
  head: {
    expected: "a layer or a head's options",
    accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    hint: () => "{ linFtrs: [128] }",
  },
  load: anything,
};
const MODEL: Check = {
  expected: `an architecture, a model, or a .onnx file (${FILE_SOURCE})`,
  accepts: (value) => typeof value === "function" || isFileSource(value) || modelCheck.accepts(value),
  hint: (value) => (layer.accepts(value) ? "modelOf(layer), or the function that makes it" : "resnet18"),
};

/**
 * A learner for images: a body, pretrained or not, and a new head for the classes (or numbers) of the data.
 *
 * @param dls - Images float32 [C, H, W]; the target is a class, or numbers.
 * @param model - A function that makes the layers, such as `resnet18` or `smallCnn`; or a pretrained `.onnx` file
 *   (its path or bytes); or a model, which is taken whole, without a new head.
 * @param options - See `VisionLearnerOptions`. Default metrics: `accuracy` for classes, `rmse` for
 *   numbers.
 * @returns A learner with the parameter groups "body" (for a residual network two: "body" and "late body") and "head".
 * @throws {LearnerError} when the data have no images, or the body does not fit them.
 *
 * @example
 * ```ts
 * await using learn = await visionLearner(dls, (options) => smallCnn({ ...options, channels: [16, 32] }));
 * await learn.fitOneCycle(4, { lrMax: await learn.lrFind({ suggestFuncs: [edge] }) });
 * await using tuned = await visionLearner(otherDls, "pretrained.onnx");
 * await tuned.fineTune(3);
 * ```
 *
 * Source: fastai's `vision_learner`.
 */
export async function visionLearner(
  dls: DataLoaders,
  model: VisionModel,
  options: VisionLearnerOptions = {},
): Promise<Learner> {
  checkLearnerOptions("visionLearner", options, OPTIONS);
  check("visionLearner", "model", model, MODEL);
  const { cut, head, load, ...rest } = options;
  const task = taskOf(dls, "visionLearner");
  const image = imageOf(dls);
  const { lossFunc, metrics } = task;
  return new Learner({ lossFunc, metrics, ...rest, dls, model: await build() });

  async function build(): Promise<Model> {
    if (typeof model === "function") {
      const made: unknown = model(channelsOf(image));
      check("visionLearner", `the result of ${model.name || "the architecture"}`, made, layer);
      return ofArch(made as Layer);
    }
    if (!isFileSource(model)) return refuseHead(checkModel(model), options);
    // Read twice below, as a stream cannot be; by its path, so that the files beside it are found.
    const isPath = typeof model === "string" || model instanceof URL;
    const file = isPath ? model : await readSource(model, { name: "visionLearner", error: LearnerError });
    const body = await loadModel(file, { ...load, cut: cut ?? 1 });
    return loadModel(file, {
      ...load,
      cut: cut ?? 1,
      head: headFor(await featureShape(body, image), task, head),
    });
  }

  async function ofArch(network: Layer): Promise<Model> {
    const body = cutLayer(network, cut);
    const made = headFor(await featureShape(modelOf(body), image), task, head);
    const whole = modelOf({
      kind: "VisionModel",
      children: { body, head: made },
      forward: ({ child }, x) => child("head", child("body", x!)),
    });
    const names = whole.parameters.map(({ name }) => name);
    return { ...whole, paramGroups: visionGroups(body.kind, names) };
  }
}

function headFor(features: readonly number[], task: Task, head: HeadOptions | Layer = {}): Layer {
  if ("forward" in head) return head;
  const pooled = features.length === 1 ? ({ pool: "none" } as const) : {};
  return createHead(features[0]!, task.outputs, { ...head, ...pooled });
}

function imageOf(dls: DataLoaders): RowSpec {
  const [image, ...others] = dls.train.dataset.inputs;
  if (image?.dtype === "float32" && image.shape.length === 3 && others.length === 0) return image;
  throw new LearnerError({
    where: "visionLearner",
    expected: "data loaders with one input, float32 images [C, H, W]",
    got: dls.train.dataset.inputs.map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`).join(" and "),
  });
}

function channelsOf({ shape }: RowSpec): { readonly inChannels: number } {
  return { inChannels: shape[0]! };
}

function checkModel(model: unknown): Model {
  if (typeof model === "object" && model !== null && "parameters" in model) return model as Model;
  const expected = `an architecture (a function), a model, or a .onnx file: ${FILE_SOURCE}`;
  throw new LearnerError({ where: "visionLearner", expected, got: describe(model) });
}

function refuseHead(model: Model, { cut, head, load }: VisionLearnerOptions): Model {
  const given = Object.entries({ cut, head, load }).filter(([, value]) => value !== undefined);
  if (given.length === 0) return model;
  throw new LearnerError({
    where: "visionLearner",
    expected: "a model without cut, head and load, as it is taken whole",
    got: given.map(([name]) => name).join(" and "),
    hint: "an architecture or a .onnx file",
  });
}
