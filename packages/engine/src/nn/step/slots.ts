import { describe } from "lrfind/core";
import { OnnxError } from "../../onnx/index.js";

/**
 * What a training step is fed and gives back, tensor by tensor. In a graph, a state and a checkpoint each has a name,
 * which is made and taken apart here alone.
 *
 * | kind | name | fed | given back, behind `next:` |
 * |---|---|---|---|
 * | `input`, `target` | `input:INDEX` | tensors of the mini-batch | |
 * | `param` | `param:NAME` | a parameter | after the update, where it is trained |
 * | `buffer` | `buffer:NAME` | a buffer, such as a running mean | where the step moves it |
 * | `slot` | `slot:SLOT:NAME` | what the optimizer keeps for a parameter; zeros at first | after the update |
 * | `sum` | `sum:NAME` | a parameter's gradients so far, where they are accumulated; zeros at first | with the mini-batch's added |
 * | `scalar` | `scalar:NAME` | a number of this step: the optimizer's, or `priorWeight` | |
 * | `lr` | `lr:GROUP` | the learning rate of a parameter group, by its index | |
 * | `mask` | `mask:INDEX` | a dropout's mask | |
 */
export type StepSlot =
  | { readonly kind: "input" | "target" | "lr" | "mask"; readonly index: number }
  | { readonly kind: "param" | "buffer" | "sum" | "scalar"; readonly name: string }
  | { readonly kind: "slot"; readonly slot: string; readonly name: string };

/** The names of slots. */
export const slotName = {
  input: (index: number) => `input:${index}`,
  target: (index: number) => `target:${index}`,
  lr: (group: number) => `lr:${group}`,
  mask: (index: number) => `mask:${index}`,
  param: (name: string) => `param:${name}`,
  buffer: (name: string) => `buffer:${name}`,
  sum: (name: string) => `sum:${name}`,
  scalar: (name: string) => `scalar:${name}`,
  /** `slot` has no colon; a parameter's name may. */
  slot: (slot: string, name: string) => `slot:${slot}:${name}`,
  /** What a slot becomes. */
  next: (slot: string) => `next:${slot}`,
} as const;

/** Names of what the slots of a state become. */
export const nextSlot = {
  param: (name: string) => slotName.next(slotName.param(name)),
  buffer: (name: string) => slotName.next(slotName.buffer(name)),
  sum: (name: string) => slotName.next(slotName.sum(name)),
  slot: (slot: string, name: string) => slotName.next(slotName.slot(slot, name)),
};

const INDEXED = ["input", "target", "lr", "mask"] as const;
const NAMED = ["param", "buffer", "sum", "scalar"] as const;

/**
 * What a name says.
 *
 * @param name - The name of a graph's input, or of a tensor of a state.
 * @throws {OnnxError} for a name of another kind: nothing is fed by default.
 *
 * @example
 * ```ts
 * slotOf("slot:mean:0.weight"); // { kind: "slot", slot: "mean", name: "0.weight" }
 * ```
 */
export function slotOf(name: string): StepSlot {
  const slot = readSlot(name);
  if (slot !== undefined) return slot;
  const kinds = [...INDEXED, ...NAMED, "slot"].map((kind) => `${kind}:…`).join(", ");
  throw new OnnxError({
    where: "slotOf",
    expected: `a slot of a training step (${kinds})`,
    got: describe(name),
  });
}

/** Whether a name is meant for something that an optimizer keeps, well formed or not. */
export function isMeantAsSlot(name: string): boolean {
  return name.startsWith("slot:");
}

/** What a name says, as anybody may have written it; undefined for a name of another kind. */
export function readSlot(name: string): StepSlot | undefined {
  const [, prefix, rest] = /^([a-z]+):(.*)$/s.exec(String(name)) ?? [];
  const named = NAMED.find((kind) => kind === prefix);
  if (named) return { kind: named, name: rest! };
  const indexed = INDEXED.find((kind) => kind === prefix);
  if (indexed && /^\d+$/.test(rest!)) return { kind: indexed, index: Number(rest) };
  const [, slot, parameter] = prefix === "slot" ? (/^([^:]*):(.*)$/s.exec(rest!) ?? []) : [];
  if (slot !== undefined) return { kind: "slot", slot, name: parameter! };
  return undefined;
}
