import type { Optimizer, TrainingGraph } from "@lrfind/engine";
import { slotName, slotOf } from "@lrfind/engine/internal";

/** A slot that is fed from what is known, or what it begins as where nothing is yet. */
export interface FedSlot {
  readonly name: string;
  readonly shape: readonly number[];
  /** Zeros, or the tensor of this name; undefined where it has to be there. */
  readonly start: "zeros" | { readonly tensor: string } | undefined;
}

/** Names of the state's tensors that a step replaces. */
export function changedNames({ mode, trained, slots, updatedBuffers }: TrainingGraph): string[] {
  const buffers = updatedBuffers.map(slotName.buffer);
  if (mode === "accumulate") return buffers;
  return [
    ...trained.map(slotName.param),
    ...slots.flatMap((slot) => trained.map((name) => slotName.slot(slot, name))),
    ...buffers,
  ];
}

/** What a step is fed of the state and of the sums; found out once, as names are taken apart for it. */
export function fedSlots({ graph }: TrainingGraph, { parameterSlots = [] }: Optimizer): FedSlot[] {
  return graph.inputs.flatMap(({ name, shape }) => {
    const fed = slotOf(name);
    if (fed.kind === "slot" && parameterSlots.includes(fed.slot)) {
      return { name, shape, start: { tensor: slotName.param(fed.name) } };
    }
    if (fed.kind === "slot" || fed.kind === "sum") return { name, shape, start: "zeros" as const };
    return fed.kind === "param" || fed.kind === "buffer" ? { name, shape, start: undefined } : [];
  });
}
