import type { Model, Optimizer, Tensor } from "@lrfind/engine";
import { describeTensor } from "@lrfind/engine";
import { isMeantAsSlot, readSlot, slotName, slotOf } from "@lrfind/engine/internal";
import { arrayOf, boolean, checkOptions, describe, string } from "lrfind/core";
import { LearnerError, refuse } from "../errors.js";
import type { CallbackState } from "../fit/callbacks/callback-state.js";
import type { TrainState } from "../state.js";
import type { TensorFile } from "./safetensors.js";
import { VERSION } from "./version.js";

/** What a checkpoint is written for, and what one must fit to be read. */
export interface CheckpointContext {
  readonly model: Model;
  readonly optimizer: Optimizer;
  /** What else the file is to say, for its readers. */
  readonly description?: Readonly<Record<string, string>>;
  /** What the callbacks of the fit remember. */
  readonly callbacks?: readonly CallbackState[];
}

/** Marks our files. */
const FORMAT = "lrfind-checkpoint-1";

/** For who has no use for the optimizer state. */
const ANEW = "{ freshOptimizer: true }, or { weightsOnly: true } to keep the learner's counters too";

/**
 * A state as the contents of a file: tensors by their names in the state (`param:NAME`, `buffer:NAME`,
 * `slot:SLOT:NAME`), and in the metadata the counters, the optimizer and what wrote it.
 */
export function checkpointOf(
  state: TrainState,
  { optimizer, description, callbacks = [] }: Omit<CheckpointContext, "model">,
): TensorFile {
  // A parameter that the model never asks for ages with the others, but no step makes slots for it.
  const slotless = Object.keys(state.ages).filter(
    (name) =>
      state.ages[name]! > 0 && optimizer.slots.every((slot) => !state.tensors[slotName.slot(slot, name)]),
  );
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
      ...(optimizer.slots.length > 0 && slotless.length > 0 ? { slotless: JSON.stringify(slotless) } : {}),
      ...(callbacks.length > 0 ? { callbacks: JSON.stringify(callbacks) } : {}),
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
  /**
   * Starts the optimizer anew, as at its first step: for a file of another optimizer, or one without the optimizer's
   * state. Parameters, buffers, the counters of steps and epochs, and what callbacks remember are taken from the file.
   * @default false
   */
  readonly freshOptimizer?: boolean;
}

/** What a checkpoint holds. */
export interface Checkpoint {
  readonly state: TrainState;
  /** What the callbacks of the fit remember; undefined where the file was read for its weights only. */
  readonly callbacks: readonly CallbackState[] | undefined;
}

/** @throws {LearnerError} when the options are none. */
export function checkRestoreOptions(where: string, options: RestoreOptions): void {
  checkOptions<RestoreOptions>(where, options, { weightsOnly: boolean, freshOptimizer: boolean }, refuse);
  if (!options.weightsOnly || !options.freshOptimizer) return;
  throw new LearnerError({
    where,
    expected: "weightsOnly, which keeps the learner's optimizer state, or freshOptimizer, which drops it",
    got: "both",
  });
}

/**
 * What is in a file, checked against the model and the optimizer: whole, and nothing else.
 *
 * @param current - The learner's state, for `weightsOnly`.
 * @param where - Names the file in errors.
 * @throws {LearnerError} when the file is not of this model or, unless `weightsOnly`, of this optimizer.
 */
export function stateOf(
  file: TensorFile,
  context: CheckpointContext & { readonly current: TrainState; readonly where: string },
  options: RestoreOptions = {},
): Checkpoint {
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
    ...model.parameters.map(({ name, shape }) => [slotName.param(name), shape] as const),
    ...model.buffers.map(({ name, shape }) => [slotName.buffer(name), shape] as const),
  ]);
  const weights: Record<string, Tensor<"float32">> = {};
  for (const [name, shape] of shapes) weights[name] = checked(name, tensors.get(name), shape, where);
  const slots = [...tensors].filter(([name]) => isMeantAsSlot(name));
  const stranger = [...tensors.keys()].find((name) => !shapes.has(name) && !isMeantAsSlot(name));
  if (stranger !== undefined) {
    throw new LearnerError({
      where,
      expected: "tensors of this model only",
      got: `"${stranger}"`,
      hint: "the model that the file was written for",
    });
  }
  if (options.weightsOnly) {
    return { state: { ...current, tensors: { ...current.tensors, ...weights } }, callbacks: undefined };
  }
  const step = counter(metadata, "step", where);
  const epoch = counter(metadata, "epoch", where);
  const callbacks = callbacksOf(metadata, where);
  if (options.freshOptimizer) return { state: { tensors: weights, step, epoch, ages: {} }, callbacks };
  if (metadata["optimizer"] !== optimizer.name) {
    throw new LearnerError({
      where,
      expected: `the state of the optimizer "${optimizer.name}"`,
      got: `that of "${metadata["optimizer"]}"`,
      hint: ANEW,
    });
  }
  for (const [name, contents] of slots) {
    const read = readSlot(name);
    const { slot, name: parameter } = read?.kind === "slot" ? read : { slot: "", name: "" };
    const shape = shapes.get(slotName.param(parameter));
    if (!shape || !optimizer.slots.includes(slot)) {
      throw new LearnerError({ where, expected: `a slot of "${optimizer.name}"`, got: `"${name}"` });
    }
    weights[name] = checked(name, contents, shape, where);
    if (optimizer.nonNegativeSlots?.includes(slot)) checkNonNegative(name, weights[name], where);
  }
  const ages = agesOf(metadata, { model, step, where });
  checkSlots(weights, ages, { optimizer, slotless: slotlessOf(metadata, where), where });
  return { state: { tensors: weights, step, epoch, ages }, callbacks };
}

/** Checks that the parameters which have taken part in steps have all their slots, and the others none. */
function checkSlots(
  tensors: TrainState["tensors"],
  ages: TrainState["ages"],
  context: { readonly optimizer: Optimizer; readonly slotless: readonly string[]; readonly where: string },
): void {
  const { optimizer, slotless, where } = context;
  const parameters = Object.keys(tensors).flatMap((name) => {
    const slot = slotOf(name);
    return slot.kind === "param" ? slot.name : [];
  });
  const missing: string[] = [];
  for (const parameter of parameters) {
    const hasAged = (ages[parameter] ?? 0) > 0 && !slotless.includes(parameter);
    for (const slot of optimizer.slots) {
      const name = slotName.slot(slot, parameter);
      if (hasAged && !tensors[name]) missing.push(name);
      if (hasAged || !tensors[name]) continue;
      const expected = `the age of parameter "${parameter}", whose "${name}" is there`;
      throw new LearnerError({ where, expected, got: "none in the metadata", hint: ANEW });
    }
  }
  if (missing.length === 0) return;
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
  throw new LearnerError({
    where,
    expected: `the state of the optimizer "${optimizer.name}" for every parameter that it has trained`,
    got: `none of ${missing.slice(0, 3).join(", ")}${more}`,
    hint: ANEW,
  });
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
  const got = contents ? describeTensor(contents) : "none of that name";
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
  const text = metadata[name] ?? "";
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new LearnerError({
    where,
    expected: `a whole number of ${name}s in the metadata`,
    got: String(metadata[name]),
  });
}

function agesOf(
  metadata: TensorFile["metadata"],
  context: { readonly model: Model; readonly step: number; readonly where: string },
): TrainState["ages"] {
  const { model, step, where } = context;
  const ages = jsonOf(metadata, "ages");
  const expected = "the parameters' ages in the metadata, as JSON";
  if (typeof ages !== "object" || ages === null || Array.isArray(ages)) {
    throw new LearnerError({ where, expected, got: String(metadata["ages"]) });
  }
  const names = new Set(model.parameters.map(({ name }) => name));
  for (const [name, age] of Object.entries(ages)) {
    if (!names.has(name)) {
      const hint = "the model that the file was written for";
      throw new LearnerError({ where, expected: "ages of this model's parameters", got: `"${name}"`, hint });
    }
    if (Number.isSafeInteger(age) && age >= 0 && age <= step) continue;
    throw new LearnerError({
      where,
      expected: `the age of "${name}" in the metadata to be an integer from 0 to ${step}, the steps made`,
      got: describe(age),
    });
  }
  return ages as TrainState["ages"];
}

function slotlessOf(metadata: TensorFile["metadata"], where: string): readonly string[] {
  if (metadata["slotless"] === undefined) return [];
  const names = jsonOf(metadata, "slotless");
  if (arrayOf(string).accepts(names)) return names as readonly string[];
  const expected = "names of parameters without optimizer state in the metadata, as JSON";
  throw new LearnerError({ where, expected, got: metadata["slotless"] });
}

function callbacksOf(metadata: TensorFile["metadata"], where: string): readonly CallbackState[] {
  if (metadata["callbacks"] === undefined) return [];
  const states = jsonOf(metadata, "callbacks");
  const isState = (value: unknown) =>
    typeof value === "object" &&
    value !== null &&
    "state" in value &&
    "name" in value &&
    string.accepts(value.name);
  if (Array.isArray(states) && states.every(isState)) return states;
  const expected = "what the callbacks remember in the metadata, as JSON";
  throw new LearnerError({ where, expected, got: metadata["callbacks"].slice(0, 80) });
}

/** A JSON value of the metadata; undefined where it is none. */
function jsonOf(metadata: TensorFile["metadata"], name: string): unknown {
  try {
    return JSON.parse(metadata[name] ?? "");
  } catch {
    return undefined;
  }
}
