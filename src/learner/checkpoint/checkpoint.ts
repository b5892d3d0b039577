import type { Model, Optimizer } from "../../nn/index.js";
import type { Tensor } from "../../onnx/index.js";
import { LearnerError } from "../errors.js";
import type { TrainState } from "../state.js";
import type { TensorFile } from "./safetensors.js";
import { VERSION } from "./version.js";

/** What a checkpoint is written for, and what one must fit to be read. */
export interface CheckpointContext {
  readonly model: Model;
  readonly optimizer: Optimizer;
  /** What else the file is to say, for its readers. */
  readonly description?: Readonly<Record<string, string>>;
}

/** Marks our files. */
const FORMAT = "lrfind-checkpoint-1";

/**
 * A state as the contents of a file: tensors by their names in the state (`param:NAME`, `buffer:NAME`,
 * `slot:SLOT:NAME`), and in the metadata the counters, the optimizer and what wrote it.
 */
export function checkpointOf(
  state: TrainState,
  { optimizer, description }: Omit<CheckpointContext, "model">,
): TensorFile {
  return {
    tensors: new Map(Object.entries(state.tensors)),
    metadata: {
      ...description,
      format: FORMAT,
      lrfind: VERSION,
      optimizer: optimizer.name,
      step: String(state.step),
      epoch: String(state.epoch),
      ages: JSON.stringify(state.ages),
    },
  };
}

/** How to read a checkpoint. */
export interface RestoreOptions {
  /**
   * Takes parameters and buffers only: counters and optimizer state stay as they are.
   * @default false
   */
  readonly weightsOnly?: boolean;
}

/**
 * The state in a file, checked against the model and the optimizer.
 *
 * @param current - The learner's state, for `weightsOnly`.
 * @param where - Names the file in errors.
 * @throws {LearnerError} when the file is not of this model or, unless `weightsOnly`, of this optimizer.
 */
export function stateOf(
  file: TensorFile,
  context: CheckpointContext & { readonly current: TrainState; readonly where: string },
  options: RestoreOptions = {},
): TrainState {
  const { model, optimizer, current, where } = context;
  const { tensors, metadata } = file;
  if (metadata["format"] !== FORMAT) {
    throw new LearnerError({
      where,
      expected: `a file that save() wrote (format "${FORMAT}")`,
      got: metadata["format"] ? `format "${metadata["format"]}"` : "a safetensors file of something else",
    });
  }
  const shapes = new Map<string, readonly number[]>([
    ...model.parameters.map(({ name, shape }) => [`param:${name}`, shape] as const),
    ...model.buffers.map(({ name, shape }) => [`buffer:${name}`, shape] as const),
  ]);
  const weights: Record<string, Tensor<"float32">> = {};
  for (const [name, shape] of shapes) weights[name] = checked(name, tensors.get(name), shape, where);
  const slots = [...tensors].filter(([name]) => name.startsWith("slot:"));
  const stranger = [...tensors.keys()].find((name) => !shapes.has(name) && !name.startsWith("slot:"));
  if (stranger !== undefined) {
    throw new LearnerError({
      where,
      expected: "tensors of this model only",
      got: `"${stranger}"`,
      hint: "the model that the file was written for",
    });
  }
  if (options.weightsOnly) return { ...current, tensors: { ...current.tensors, ...weights } };
  if (metadata["optimizer"] !== optimizer.name) {
    throw new LearnerError({
      where,
      expected: `the state of the optimizer "${optimizer.name}"`,
      got: `that of "${metadata["optimizer"]}"`,
      hint: "{ weightsOnly: true }",
    });
  }
  for (const [name, contents] of slots) {
    const [, slot = "", parameter = ""] = /^slot:([^:]*):(.*)$/s.exec(name) ?? [];
    const shape = shapes.get(`param:${parameter}`);
    if (!shape || !optimizer.slots.includes(slot)) {
      throw new LearnerError({ where, expected: `a slot of "${optimizer.name}"`, got: `"${name}"` });
    }
    weights[name] = checked(name, contents, shape, where);
    if (optimizer.nonNegativeSlots?.includes(slot)) checkNonNegative(name, weights[name], where);
  }
  return {
    tensors: weights,
    step: counter(metadata, "step", where),
    epoch: counter(metadata, "epoch", where),
    ages: agesOf(metadata, where),
  };
}

function checked(
  name: string,
  contents: Tensor | undefined,
  shape: readonly number[],
  where: string,
): Tensor<"float32"> {
  const expected = `"${name}" to be float32[${shape.join(", ")}]`;
  const isRight = contents?.dtype === "float32" && contents.shape.join() === shape.join();
  if (isRight) return contents as Tensor<"float32">;
  const got = contents ? `${contents.dtype}[${contents.shape.join(", ")}]` : "none of that name";
  throw new LearnerError({ where, expected, got, hint: "the model that the file was written for" });
}

/** What the update takes the root of makes every later step NaN where it is negative. */
function checkNonNegative(name: string, { data }: Tensor<"float32">, where: string): void {
  const at = data.findIndex((value) => !(value >= 0));
  if (at < 0) return;
  const hint = "{ weightsOnly: true }";
  throw new LearnerError({ where, expected: `"${name}" of at least 0`, got: `${data[at]} at ${at}`, hint });
}

function counter(metadata: TensorFile["metadata"], name: string, where: string): number {
  const value = Number(metadata[name] ?? Number.NaN);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new LearnerError({
    where,
    expected: `a whole number of ${name}s in the metadata`,
    got: String(metadata[name]),
  });
}

function agesOf(metadata: TensorFile["metadata"], where: string): TrainState["ages"] {
  let ages: unknown;
  try {
    ages = JSON.parse(metadata["ages"] ?? "");
  } catch {
    ages = undefined;
  }
  const isRecord = typeof ages === "object" && ages !== null && !Array.isArray(ages);
  if (isRecord && Object.values(ages as object).every((age) => Number.isSafeInteger(age) && age >= 0)) {
    return ages as TrainState["ages"];
  }
  const expected = "the parameters' ages in the metadata, as JSON";
  throw new LearnerError({ where, expected, got: String(metadata["ages"]) });
}
